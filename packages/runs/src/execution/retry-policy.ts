/**
 * Decides whether a run whose graph failed is started again, and when.
 */
import type { RunRetryPolicy, WireError } from '@longrun/contracts';

/** Source of the three: LangGraph's RetryPolicy. Seconds, factor, seconds. */
const INITIAL_INTERVAL = 0.5;
const BACKOFF_FACTOR = 2;
const MAX_INTERVAL = 128;

/**
 * @param policy of the run; none means that nothing is retried
 * @param retries times that the policy has started the run again so far
 * @param random for the jitter: half of the pause is fixed, half is drawn
 * @returns seconds until the next start; null when the run ends with this error
 */
export function retryDelaySeconds(
  policy: RunRetryPolicy | undefined,
  retries: number,
  error: WireError,
  random: () => number = Math.random,
): number | null {
  if (!policy || retries + 1 >= policy.max_attempts) return null;
  if (policy.retry_on && !policy.retry_on.includes(error.error)) return null;
  const { initial_interval = INITIAL_INTERVAL, backoff_factor = BACKOFF_FACTOR } = policy;
  const pause = Math.min(policy.max_interval ?? MAX_INTERVAL, initial_interval * backoff_factor ** retries);
  return (policy.jitter ?? true) ? pause / 2 + (random() * pause) / 2 : pause;
}
