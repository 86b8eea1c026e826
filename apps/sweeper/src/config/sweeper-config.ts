/**
 * Settings of a sweeper.
 */
import {
  CRASH_LIMIT,
  LEASE_MS,
  LOCK_FREE_VERDICT_MS,
  REDISPATCH_AFTER_MS,
  SWEEP_INTERVAL_MS,
} from '@longrun/contracts';
import { IntegerSetting, SharedConfig } from '@longrun/service-kit';

export class SweeperConfig extends SharedConfig {
  @IntegerSetting({ description: 'How often the sweeper looks, milliseconds.', min: 50, max: 1_000 })
  SWEEP_INTERVAL_MS: number = SWEEP_INTERVAL_MS;

  @IntegerSetting({
    description:
      'A worker whose heartbeat has not changed for this long while its lock is free is dead, milliseconds.',
    min: 1_000,
  })
  LOCK_FREE_VERDICT_MS: number = LOCK_FREE_VERDICT_MS;

  @IntegerSetting({
    description:
      'A worker whose heartbeat has not changed for this long is dead, whatever its lock says, milliseconds.',
    min: 3_000,
  })
  LEASE_MS: number = LEASE_MS;

  @IntegerSetting({
    description: 'A pending run that nobody fetched within this time is enqueued again, milliseconds.',
    min: 100,
  })
  REDISPATCH_AFTER_MS: number = REDISPATCH_AFTER_MS;

  @IntegerSetting({
    description: 'Worker deaths without progress between them after which a run ends as error.',
    min: 1,
  })
  CRASH_LIMIT: number = CRASH_LIMIT;

  @IntegerSetting({ description: 'Port of health and metrics; 0 takes any free one.', min: 0, max: 65_535 })
  HEALTH_PORT: number = 8125;
}
