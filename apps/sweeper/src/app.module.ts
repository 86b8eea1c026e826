/**
 * Puts a sweeper together.
 */
import { Module, type DynamicModule } from '@nestjs/common';
import { createMetrics, type Logger } from '@longrun/service-kit';
import { SweeperConfig } from './config/sweeper-config.js';
import { HealthController } from './health.controller.js';
import { SweeperService } from './sweeper.service.js';
import { METRICS } from './tokens.js';

@Module({})
export class AppModule {
  static create(config: SweeperConfig, log: Logger): DynamicModule {
    const metrics = createMetrics('sweeper');
    return {
      module: AppModule,
      controllers: [HealthController],
      providers: [
        { provide: METRICS, useValue: metrics },
        { provide: SweeperService, useValue: new SweeperService(config, log, metrics) },
      ],
    };
  }
}
