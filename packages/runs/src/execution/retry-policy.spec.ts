import { describe, expect, it } from '@jest/globals';
import type { RunRetryPolicy } from '@longrun/contracts';
import { retryDelaySeconds } from './retry-policy.js';

const error = { error: 'RateLimitError', message: 'slow down' };
const fixed = { max_attempts: 4, jitter: false };
const delays = (policy: RunRetryPolicy | undefined, random = (): number => 0.5): (number | null)[] =>
  [0, 1, 2, 3].map((retries) => retryDelaySeconds(policy, retries, error, random));

describe('the retry policy of a run', () => {
  it('retries nothing when there is none', () => {
    expect(delays(undefined)).toEqual([null, null, null, null]);
    expect(delays({ max_attempts: 1 })).toEqual([null, null, null, null]);
  });

  it('counts the first start as an attempt, and doubles the pause from half a second', () => {
    expect(delays(fixed)).toEqual([0.5, 1, 2, null]);
  });

  it('takes the pauses of the policy, up to the longest', () => {
    const policy = { ...fixed, initial_interval: 3, backoff_factor: 10, max_interval: 45 };
    expect(delays(policy)).toEqual([3, 30, 45, null]);
  });

  it('draws half of each pause unless told not to', () => {
    expect(delays({ max_attempts: 4 }, () => 0)).toEqual([0.25, 0.5, 1, null]);
    expect(delays({ max_attempts: 4 }, () => 1)).toEqual([0.5, 1, 2, null]);
  });

  it('retries only the errors it names', () => {
    expect(delays({ ...fixed, retry_on: ['RateLimitError'] })[0]).toBe(0.5);
    expect(delays({ ...fixed, retry_on: ['TimeoutError'] })[0]).toBeNull();
    expect(delays({ ...fixed, retry_on: [] })[0]).toBeNull();
  });
});
