/**
 * Limits without authentication, in single mode: by address, and only when that is switched on.
 */
import { describe, expect, it } from '@jest/globals';
import { apiUrl, startStack } from './support.js';

async function statusesOf(env: Record<string, string>): Promise<number[]> {
  const stack = await startStack({ mode: 'single', env: { RATE_LIMIT_PER_SECOND: '2', ...env } });
  try {
    const url = `${apiUrl(stack)}/assistants/steps`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(url)));
    return answers.map(({ status }) => status);
  } finally {
    await stack.stop();
  }
}

describe('somebody who is not authenticated', () => {
  it('is limited by address when that is switched on', async () => {
    const statuses = await statusesOf({ RATE_LIMIT_ANONYMOUS: 'true' });
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(10);
    expect(statuses).toContain(429);
  }, 60_000);

  it('is not limited otherwise', async () => {
    expect(await statusesOf({})).toEqual(Array(20).fill(200));
  }, 60_000);
});
