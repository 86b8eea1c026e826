import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, clientOf, collect, ids, runRow, startStack, stepOf, upTo } from './support.js';

describe('Postgres going away for a while', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ ownPostgres: true });
  }, 120_000);
  afterAll(() => stack.stop());

  const postmaster = () => {
    const { pid } = stack.readStack().postgres;
    if (pid === null) throw new Error('The stack did not start Postgres itself.');
    return pid;
  };

  /** Postmaster and all its backends. */
  const processes = () => {
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster())]).toString();
    return [postmaster(), ...children.trim().split(/\s+/).map(Number)];
  };

  async function runThrough(fault: () => Promise<void>) {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    let faulty: Promise<void> | undefined;
    const seen = await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { ms: 200 },
        streamMode: ['custom', 'values'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      (event) => {
        if (stepOf(event) === 2) faulty ??= fault();
      },
    );
    await faulty;
    expect(ids(seen)).toEqual(upTo(seen.length));
    expect(seen.map(stepOf).filter((step) => step !== undefined)).toEqual(upTo(8));
    expect(await runRow(stack, runId)).toEqual({ status: 'success', attempt: 1, crashes: 0 });
  }

  it('frozen for 11 s: the run goes on, is not rescued and not charged; requests get 503 meanwhile', async () => {
    await runThrough(async () => {
      const frozen = processes();
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
      const thawed = new Promise<void>((resolve) =>
        setTimeout(() => {
          for (const pid of frozen) process.kill(pid, 'SIGCONT');
          resolve();
        }, 11_000),
      );
      const askedAt = performance.now();
      const response = await fetch(`${apiUrl(stack)}/threads`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(performance.now() - askedAt).toBeLessThan(10_000);
      await thawed;
    });
  }, 90_000);

  it('with only its postmaster frozen for 11 s: sessions go on, new ones wait, and nothing is rescued', async () => {
    await runThrough(async () => {
      const pid = postmaster();
      process.kill(pid, 'SIGSTOP');
      await new Promise<void>((resolve) =>
        setTimeout(() => {
          process.kill(pid, 'SIGCONT');
          resolve();
        }, 11_000),
      );
    });
  }, 90_000);

  it('restarted: the run goes on, is not rescued and not charged', async () => {
    await runThrough(async () => {
      const before = postmaster();
      process.kill(before, 'SIGINT');
      await stack.waitForStack(({ postgres }) => postgres.pid !== null && postgres.pid !== before, {
        timeoutMs: 30_000,
        message: 'Postgres to be started again',
      });
    });
  }, 90_000);
});
