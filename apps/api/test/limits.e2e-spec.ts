/**
 * Limits of runs at a time on the whole system: one tenant's pile of work does not stand in the way of another's first run.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { Client } from 'langgraph-sdk-1.15';
import { apiUrl, query, startStack } from './support.js';

const LIMIT = 2;
const PILE = 300;

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await startStack({
    apis: 1,
    env: { RUN_LIMITS: `metadata.tenant=${LIMIT}`, N_JOBS_PER_WORKER: '4' },
  });
  client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
}, 120_000);
afterAll(() => stack.stop());

interface Times extends Record<string, unknown> {
  created: number;
  started: number;
  ended: number;
}

const TIMES = `SELECT extract(epoch FROM created_at)::float8 AS created, extract(epoch FROM started_at)::float8 AS started,
  extract(epoch FROM ended_at)::float8 AS ended FROM run WHERE metadata ->> 'tenant' = $1 AND started_at IS NOT NULL`;

describe('a tenant with 300 waiting runs and a limit of 2', () => {
  it('has never more than 2 of them executed, and delays another tenant by no more than those that began already', async () => {
    const metadata = { tenant: 'big' };
    await client.runs.createBatch(
      Array.from({ length: PILE }, () => ({ assistantId: 'steps', input: { ms: 20 }, metadata })),
    );
    await waitUntil(async () => (await query(stack, TIMES, ['big'])).length >= 2 * LIMIT);
    await client.runs.wait(null, 'steps', { input: { ms: 1 }, metadata: { tenant: 'small' } });
    const [small] = await query<Times>(stack, TIMES, ['small']);
    await client.runs.cancelMany({ status: 'all' });
    await waitUntil(async () => {
      const active = await query(stack, `SELECT 1 FROM run WHERE status IN ('pending', 'running')`);
      return active.length === 0;
    });
    const big = await query<Times>(stack, TIMES, ['big']);
    expect(big.length).toBeLessThan(PILE);
    const overtook = big.filter(
      ({ started }) => started > (small?.created ?? 0) && started < (small?.started ?? 0),
    );
    expect(overtook.length).toBeLessThanOrEqual(LIMIT);
    for (const { started } of big) {
      const atThatTime = big.filter((run) => run.started <= started && run.ended > started);
      expect(atThatTime.length).toBeLessThanOrEqual(LIMIT);
    }
  }, 60_000);
});
