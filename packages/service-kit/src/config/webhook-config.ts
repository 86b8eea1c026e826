/**
 * Settings of the delivery of webhooks: by sweepers, and by workers and the single process when no sweeper is seen.
 */
import { MinLength } from 'class-validator';
import { RedisConfig } from './redis-config.js';
import { BooleanSetting, IntegerSetting, TextSetting } from './setting.js';

export class WebhookConfig extends RedisConfig {
  @TextSetting({
    description:
      'Signs webhooks (HMAC-SHA256, Standard Webhooks); whsec_ and base64, or any text of 24 characters or more.',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  })
  @MinLength(24, { message: 'WEBHOOK_SECRET must have 24 characters or more' })
  WEBHOOK_SECRET?: string;

  @BooleanSetting({ description: 'Webhooks may call addresses of private networks.' })
  WEBHOOK_ALLOW_PRIVATE: boolean = false;

  @TextSetting({
    description: 'URL of an api, where webhooks go that are paths.',
    example: 'http://localhost:8123',
  })
  WEBHOOK_LOOPBACK_URL?: string;

  @IntegerSetting({ description: 'Attempts to deliver a webhook.', min: 1, max: 100 })
  WEBHOOK_ATTEMPTS: number = 8;

  @IntegerSetting({
    description: 'Longest attempt to deliver a webhook, milliseconds.',
    min: 100,
    max: 60_000,
  })
  WEBHOOK_TIMEOUT_MS: number = 10_000;

  @IntegerSetting({
    description:
      'Pause before the second attempt to deliver a webhook, seconds; the pauses after it grow to a day.',
    min: 1,
    max: 86_400,
  })
  WEBHOOK_FIRST_PAUSE_SECONDS: number = 5;
}

/** The same for a sender. */
export function webhookSettings(config: WebhookConfig): {
  secret: string | undefined;
  allowPrivate: boolean;
  loopbackUrl: string | undefined;
  attempts: number;
  timeoutMs: number;
  firstPauseSeconds: number;
} {
  return {
    secret: config.WEBHOOK_SECRET,
    allowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
    loopbackUrl: config.WEBHOOK_LOOPBACK_URL,
    attempts: config.WEBHOOK_ATTEMPTS,
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
    firstPauseSeconds: config.WEBHOOK_FIRST_PAUSE_SECONDS,
  };
}
