/**
 * `store.ttl` of a langgraph.json: how long items of the store live, for the processes that write them and for the one that deletes them.
 */
import { LongrunError } from './errors.js';

/** Longest time to live, minutes: a century. */
export const MAX_TTL_MINUTES = 100 * 366 * 24 * 60;
/** How often expired items are deleted when langgraph.json does not say, minutes. They are invisible at once in any case. */
export const STORE_SWEEP_INTERVAL_MINUTES = 5;

export interface StoreTtl {
  /** For items that are put without a time of their own; null: they never expire. */
  readonly defaultTtlMinutes: number | null;
  /** Whether a read lets an item's time begin anew, unless the read says otherwise. */
  readonly refreshOnRead: boolean;
  readonly sweepIntervalMinutes: number;
}

/**
 * @param config the content of a langgraph.json
 * @throws LongrunError GRAPH_LOAD_FAILED naming the key that is wrong
 */
export function storeTtlOf(config: unknown): StoreTtl {
  const ttl = propertyOf(propertyOf(config, 'store'), 'ttl');
  if (ttl !== undefined && ttl !== null && typeof ttl !== 'object') {
    throw wrong(
      'store.ttl',
      'must be an object with default_ttl, refresh_on_read and sweep_interval_minutes',
    );
  }
  const refresh = propertyOf(ttl, 'refresh_on_read') ?? true;
  if (typeof refresh !== 'boolean') throw wrong('store.ttl.refresh_on_read', 'must be true or false');
  return {
    defaultTtlMinutes: minutesOf(ttl, 'default_ttl'),
    refreshOnRead: refresh,
    sweepIntervalMinutes: minutesOf(ttl, 'sweep_interval_minutes') ?? STORE_SWEEP_INTERVAL_MINUTES,
  };
}

function minutesOf(ttl: unknown, name: string): number | null {
  const minutes = propertyOf(ttl, name);
  if (minutes === undefined || minutes === null) return null;
  if (typeof minutes === 'number' && minutes > 0 && minutes <= MAX_TTL_MINUTES) return minutes;
  throw wrong(`store.ttl.${name}`, `must be a number of minutes above 0 and up to ${MAX_TTL_MINUTES}`);
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function wrong(key: string, problem: string): LongrunError {
  return new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: ${key} ${problem}.`);
}
