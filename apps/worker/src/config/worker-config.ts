/**
 * Settings of a worker.
 */
import { ExecutionConfig, IntegerSetting } from '@longrun/service-kit';

export class WorkerConfig extends ExecutionConfig {
  @IntegerSetting({ description: 'Port of health and metrics; 0 takes any free one.', min: 0, max: 65_535 })
  HEALTH_PORT: number = 8124;
}
