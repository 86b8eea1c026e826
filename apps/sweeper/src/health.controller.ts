/**
 * Health and metrics of a sweeper.
 */
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import type { Registry } from '@longrun/service-kit';
import { SweeperService } from './sweeper.service.js';
import { METRICS } from './tokens.js';

/** Longest time without a successful look before the sweeper is not ready. */
const READY_WITHIN_MS = 5_000;

@Controller()
export class HealthController {
  constructor(
    @Inject(SweeperService) private readonly sweeper: SweeperService,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  @Get('ok')
  ok(): { ok: true } {
    return { ok: true };
  }

  @Get('ready')
  ready(): { ready: true } {
    const { sinceLastLookMs } = this.sweeper;
    if (sinceLastLookMs > READY_WITHIN_MS) {
      throw new HttpException({ ready: false, reason: `no look for ${Math.round(sinceLastLookMs)} ms` }, 503);
    }
    return { ready: true };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}
