/**
 * Settings of what is kept how long, and of its deletion: by sweepers, and by workers and the single process when no sweeper is seen.
 */
import {
  IDEMPOTENCY_KEY_SECONDS,
  RETENTION_BATCH_ROWS,
  RETENTION_INTERVAL_SECONDS,
  RUN_EVENT_RETENTION_SECONDS,
  TEMPORARY_THREAD_SECONDS,
  WEBHOOK_LOG_RETENTION_SECONDS,
} from '@longrun/contracts';
import { IntegerSetting } from './setting.js';
import { WebhookConfig } from './webhook-config.js';

export class RetentionConfig extends WebhookConfig {
  @IntegerSetting({ description: 'How long a temporary thread is kept after its run, seconds.', min: 1 })
  TEMPORARY_THREAD_SECONDS: number = TEMPORARY_THREAD_SECONDS;

  @IntegerSetting({ description: 'How long the log of an ended run is kept, seconds.', min: 60 })
  RUN_EVENT_RETENTION_SECONDS: number = RUN_EVENT_RETENTION_SECONDS;

  @IntegerSetting({
    description: 'How long the record of a webhook that was delivered or given up is kept, seconds.',
    min: 60,
  })
  WEBHOOK_LOG_RETENTION_SECONDS: number = WEBHOOK_LOG_RETENTION_SECONDS;

  @IntegerSetting({ description: 'How long an Idempotency-Key is remembered, seconds.', min: 60 })
  IDEMPOTENCY_KEY_SECONDS: number = IDEMPOTENCY_KEY_SECONDS;

  @IntegerSetting({
    description: 'How often is looked for what has expired, seconds.',
    min: 1,
    max: 3_600,
  })
  RETENTION_INTERVAL_SECONDS: number = RETENTION_INTERVAL_SECONDS;

  @IntegerSetting({
    description: 'Rows that one statement deletes of what has expired at most.',
    min: 100,
    max: 50_000,
  })
  RETENTION_BATCH_ROWS: number = RETENTION_BATCH_ROWS;
}

/** The same for a sweeper. */
export function retentionSettings(config: RetentionConfig): {
  eventSeconds: number;
  webhookSeconds: number;
  idempotencyKeySeconds: number;
  intervalSeconds: number;
  batchRows: number;
} {
  return {
    eventSeconds: config.RUN_EVENT_RETENTION_SECONDS,
    webhookSeconds: config.WEBHOOK_LOG_RETENTION_SECONDS,
    idempotencyKeySeconds: config.IDEMPOTENCY_KEY_SECONDS,
    intervalSeconds: config.RETENTION_INTERVAL_SECONDS,
    batchRows: config.RETENTION_BATCH_ROWS,
  };
}
