/**
 * The settings of a client and their defaults: those of its connections, and those of its policies.
 */
import type { CircuitBreakerOptions } from '../policies/circuit-breaker.js';
import type { RedisSettings } from '../redis-settings.js';

/** What {@link ResilientRedisClient} needs to know. Everything but the URL has a default. Times are in milliseconds. */
export interface ResilientRedisSettings extends Partial<RedisSettings> {
  readonly url: string;
  /** Operations that wait for a permit at most; the next one is refused. About 1.5 KB each with its promises. Default 131,072. */
  readonly maxWaitingOps?: number;
  /** Tries of one command, the first included, while failures are such that it may be repeated. Default 3. */
  readonly attempts?: number;
  /** The same for commands of priority `critical`. Default 3. */
  readonly criticalAttempts?: number;
  /** Longest pause before the second try of a command; it doubles with every further one. Default 20. */
  readonly retryBaseDelayMs?: number;
  /** Longest pause between two tries of a command. Default 1,000. */
  readonly retryMaxDelayMs?: number;
  /** Tries of deferred work, the first included. Default 8. */
  readonly deferredAttempts?: number;
  /** As `retryBaseDelayMs`, for deferred work. Default 500. */
  readonly deferredBaseDelayMs?: number;
  /** As `retryMaxDelayMs`, for deferred work. Default 30,000. */
  readonly deferredMaxDelayMs?: number;
  /** Deferred work that is older than this is dropped. Default 300,000. */
  readonly deferredExpiresAfterMs?: number;
  /** Entries of deferred work at most. Default 10,000. */
  readonly deferredMaxEntries?: number;
  /** Bytes of deferred work at most. Default 16 MiB. */
  readonly deferredMaxBytes?: number;
  /** Commands of a pipeline that are sent together. Default 64; 50 to 100 is the useful range. */
  readonly batchSize?: number;
  /** See {@link CircuitBreakerOptions}. */
  readonly breaker?: CircuitBreakerOptions;
  /** How often the server is asked for its state and latency in the background; 0 for never. Default 30,000. */
  readonly healthCheckIntervalMs?: number;
  /** Make an OpenTelemetry span of every operation. Default false. */
  readonly tracing?: boolean;
}

/** The settings of the policies with nothing left open. */
export type PolicySettings = Required<
  Pick<
    ResilientRedisSettings,
    | 'maxWaitingOps'
    | 'attempts'
    | 'criticalAttempts'
    | 'retryBaseDelayMs'
    | 'retryMaxDelayMs'
    | 'deferredAttempts'
    | 'deferredBaseDelayMs'
    | 'deferredMaxDelayMs'
    | 'deferredExpiresAfterMs'
    | 'deferredMaxEntries'
    | 'deferredMaxBytes'
    | 'batchSize'
    | 'breaker'
    | 'healthCheckIntervalMs'
    | 'tracing'
  >
>;

/** Longest wait for an answer, and for a connection. */
export const OPERATION_TIMEOUT_MS = 2_000;
export const CONNECT_TIMEOUT_MS = 2_000;

const DEFAULTS: PolicySettings = {
  maxWaitingOps: 131_072,
  attempts: 3,
  criticalAttempts: 3,
  retryBaseDelayMs: 20,
  retryMaxDelayMs: 1_000,
  deferredAttempts: 8,
  deferredBaseDelayMs: 500,
  deferredMaxDelayMs: 30_000,
  deferredExpiresAfterMs: 300_000,
  deferredMaxEntries: 10_000,
  deferredMaxBytes: 16 * 1024 * 1024,
  batchSize: 64,
  breaker: {},
  healthCheckIntervalMs: 30_000,
  tracing: false,
};

/** Whole numbers of at least one; the others must only not be negative. */
const COUNTS = new Set<string>([
  'maxWaitingOps',
  'attempts',
  'criticalAttempts',
  'deferredAttempts',
  'deferredMaxEntries',
  'deferredMaxBytes',
  'batchSize',
]);

/**
 * Fills in the defaults.
 *
 * @throws TypeError when a number is not one that makes sense; the message names the setting
 */
export function resolvePolicySettings(settings: ResilientRedisSettings): PolicySettings {
  const resolved: Record<string, unknown> = {};
  for (const [name, byDefault] of Object.entries(DEFAULTS)) {
    const value: unknown = settings[name as keyof PolicySettings] ?? byDefault;
    if (typeof byDefault === 'number') checkNumber(name, value);
    resolved[name] = value;
  }
  return resolved as unknown as PolicySettings;
}

function checkNumber(name: string, value: unknown): void {
  const isCount = COUNTS.has(name);
  const number = typeof value === 'number' ? value : NaN;
  if (isCount ? Number.isInteger(number) && number >= 1 : Number.isFinite(number) && number >= 0) return;
  const wanted = isCount ? 'a whole number of at least 1' : 'a number of at least 0';
  throw new TypeError(`Redis setting ${name} is ${String(value)}; it must be ${wanted}.`);
}
