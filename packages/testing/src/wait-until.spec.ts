/**
 * Waiting for a condition: with its result, or with what was missing.
 */
import { describe, expect, it } from '@jest/globals';

import { waitUntil } from './wait-until.js';

describe('waiting', () => {
  it('returns what it waited for, and says what did not come', async () => {
    let looks = 0;
    expect(await waitUntil(() => (looks += 1) > 2 && 'here', { intervalMs: 1 })).toBe('here');
    const never = waitUntil(() => Promise.reject(new Error('not yet')), {
      timeoutMs: 20,
      message: 'the impossible',
    });
    await expect(never).rejects.toThrow('Waited 20 ms for the impossible: not yet');
  });
});
