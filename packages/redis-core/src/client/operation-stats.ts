/**
 * What has become of the operations so far, for metrics and {@link ConnectionInfo}.
 */
import type { RedisOutcome } from '../redis-error.js';
import { LatencyHistogram } from './latency-histogram.js';

export class OperationStats {
  /** Commands that the server answered, from sending to answer. */
  readonly latency = new LatencyHistogram();
  /** Failed operations as their callers saw them. */
  readonly failures: Record<RedisOutcome, number> = { 'not-executed': 0, unknown: 0, definitive: 0 };
  /** Tries after the first. */
  retries = 0;
  /** Operations and writes of priority `low` that were dropped because Redis could not do them at once. */
  droppedLow = 0;
  /** Commands that have been sent and are not settled. */
  inFlight = 0;
}
