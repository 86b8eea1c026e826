import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('the end of a run', () => {
  let fixture: Fixture;
  const worker = randomUUID();
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const claimed = async () => {
    const run = await fixture.create();
    await fixture.store.claim(run.runId, worker, GRAPHS);
    return run;
  };

  it('happens once, however many try', async () => {
    const { runId, threadId } = await claimed();
    const ends = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        fixture.store.finish({ runId, threadId, end: { status: i % 2 === 0 ? 'success' : 'interrupted' } }),
      ),
    );
    expect(ends.filter((end) => end !== null)).toHaveLength(1);
    expect((await fixture.log(runId)).map(({ seq, event }) => [seq, event])).toEqual([
      [0, 'metadata'],
      [1, 'end'],
    ]);
  });

  it('is refused to an attempt that lost the run', async () => {
    const { runId, threadId } = await claimed();
    await fixture.store.release(runId, 1);
    expect(
      await fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } }),
    ).toBeNull();
    await fixture.store.claim(runId, worker, GRAPHS);
    expect(
      await fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } }),
    ).toBeNull();
    expect(
      await fixture.store.finish({ runId, threadId, attempt: 2, end: { status: 'success' } }),
    ).not.toBeNull();
  });

  it('is that of a cancelled run when the graph was through before it heard of the cancel', async () => {
    const { runId, threadId } = await claimed();
    await fixture.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' });
    const thread = { status: 'idle' as const, values: { a: 1 }, interrupts: {} };
    const finished = await fixture.store.finish({
      runId,
      threadId,
      attempt: 1,
      end: { status: 'success', thread },
    });
    expect(finished?.status).toBe('interrupted');
    const log = await fixture.log(runId);
    expect(log.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toEqual([
      ['metadata', { run_id: runId, attempt: 1 }],
      ['end', { run_id: runId, status: 'interrupted' }],
    ]);
    const { rows } = await fixture.pool.query(
      'SELECT run.status, thread.values FROM run JOIN thread USING (thread_id) WHERE run_id = $1',
      [runId],
    );
    expect(rows[0]).toEqual({ status: 'interrupted', values: { a: 1 } });
  });

  it('writes an error event before the end record, and the error to run and thread', async () => {
    const { runId, threadId } = await claimed();
    const error = { error: 'Boom', message: 'bad \u0000 text' };
    await fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'error', error } });
    const log = await fixture.log(runId);
    expect(log.map(({ seq, event }) => [seq, event])).toEqual([
      [0, 'metadata'],
      [1, 'error'],
      [2, 'end'],
    ]);
    expect(JSON.parse(log[1]?.data ?? '')).toEqual(error);
    const { rows } = await fixture.pool.query('SELECT status, error FROM thread WHERE thread_id = $1', [
      threadId,
    ]);
    expect(rows[0]).toMatchObject({ status: 'error', error: { error: 'Boom', message: 'bad \uFFFD text' } });
  });

  it('leaves the thread as it was when the state was not read', async () => {
    const { runId, threadId } = await claimed();
    const thread = { status: 'interrupted' as const, values: { a: 1 }, interrupts: { t: [{ value: 'q' }] } };
    await fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'success', thread } });
    const next = await fixture.create({ threadId });
    await fixture.store.finish({ runId: next.runId, threadId, end: { status: 'interrupted' } });
    const { rows } = await fixture.pool.query(
      'SELECT status, values, interrupts FROM thread WHERE thread_id = $1',
      [threadId],
    );
    expect(rows[0]).toEqual({ status: 'interrupted', values: { a: 1 }, interrupts: { t: [{ value: 'q' }] } });
  });

  it('hides a temporary thread at once', async () => {
    const run = await fixture.create({ temporaryThread: true });
    await fixture.store.finish({ runId: run.runId, threadId: run.threadId, end: { status: 'interrupted' } });
    const { rows } = await fixture.pool.query(
      'SELECT hidden_at IS NOT NULL AS hidden, delete_after > now() AS later FROM thread WHERE thread_id = $1',
      [run.threadId],
    );
    expect(rows[0]).toEqual({ hidden: true, later: true });
  });

  it('charges nothing for a release and one crash for a rescue', async () => {
    const { runId } = await claimed();
    await fixture.store.release(runId, 1);
    const crashes = async () =>
      (await fixture.pool.query<{ crashes: number }>('SELECT crashes FROM run WHERE run_id = $1', [runId]))
        .rows[0]?.crashes;
    expect(await crashes()).toBe(0);
    const owner = randomUUID();
    await fixture.store.claim(runId, owner, GRAPHS);
    const rescued = await fixture.store.rescue({ workerId: owner, beat: null, chargeCrash: true });
    expect(rescued.map((run) => run.outcome)).toEqual(['pending']);
    expect(await crashes()).toBe(1);
    await fixture.store.claim(runId, owner, GRAPHS);
    await fixture.store.rescue({ workerId: owner, beat: null, chargeCrash: false });
    expect(await crashes()).toBe(1);
  });

  describe('by the crash limit', () => {
    const dies = async (runId: string, what: 'worker' | 'own process') => {
      const owner = randomUUID();
      const attempt = (await fixture.store.claim(runId, owner, GRAPHS))?.attempt ?? 0;
      const threadId = (await fixture.store.find(runId))?.thread_id ?? '';
      const rescued =
        what === 'worker'
          ? (await fixture.store.rescue({ workerId: owner, beat: null, chargeCrash: true }))[0]
          : await fixture.store.rescueCrashed({ runId, threadId, attempt });
      return rescued?.outcome;
    };
    const error = { status: 'error', error: { error: 'CrashLimitError' } };

    it('comes with the third crash without progress, and later when there was some', async () => {
      const { runId } = await fixture.create();
      expect([await dies(runId, 'worker'), await dies(runId, 'own process')]).toEqual(['pending', 'pending']);
      const again = await fixture.store.claim(runId, randomUUID(), GRAPHS);
      await fixture.store.resetCrashes(runId, again?.attempt ?? 0);
      await fixture.store.release(runId, again?.attempt ?? 0);
      expect([await dies(runId, 'worker'), await dies(runId, 'own process')]).toEqual(['pending', 'pending']);
      expect(await dies(runId, 'own process')).toBe('finished');
      expect(await fixture.store.find(runId)).toMatchObject(error);
    });

    it('takes a run for a suspect that two workers have died under, or a process of its own', async () => {
      const suspected = async (runId: string) => {
        const owner = randomUUID();
        const run = await fixture.store.claim(runId, owner, GRAPHS);
        await fixture.store.release(runId, run?.attempt ?? 0);
        return run?.isSuspect;
      };
      const one = await fixture.create();
      await dies(one.runId, 'worker');
      expect(await suspected(one.runId)).toBe(false);
      await dies(one.runId, 'worker');
      expect(await suspected(one.runId)).toBe(true);
      const other = await fixture.create();
      await dies(other.runId, 'own process');
      expect(await suspected(other.runId)).toBe(true);
    });

    it('does not come to a run that is apart from the others, however often its workers die, until the tenth time', async () => {
      const { runId } = await fixture.create();
      for (let death = 1; death < 10; death += 1) expect(await dies(runId, 'worker')).toBe('pending');
      const owner = randomUUID();
      await fixture.store.claim(runId, owner, GRAPHS);
      const [uncharged] = await fixture.store.rescue({ workerId: owner, beat: null, chargeCrash: false });
      expect(uncharged?.outcome).toBe('pending');
      expect(await dies(runId, 'worker')).toBe('finished');
      expect(await fixture.store.find(runId)).toMatchObject(error);
    });
  });

  it('comes as interrupted when the worker of a cancelled run dies', async () => {
    const { runId, threadId } = await fixture.create();
    const owner = randomUUID();
    await fixture.store.claim(runId, owner, GRAPHS);
    expect(
      (await fixture.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' }))?.owner,
    ).toEqual({
      workerId: owner,
      attempt: 1,
    });
    expect(await fixture.store.release(runId, 1)).toBeNull();
    await fixture.store.rescue({ workerId: owner, beat: null, chargeCrash: true });
    expect((await fixture.store.find(runId))?.status).toBe('interrupted');
  });

  it('is not taken from a worker that renewed its heartbeat after it was observed', async () => {
    const { runId } = await fixture.create();
    const owner = randomUUID();
    await fixture.pool.query("INSERT INTO worker (worker_id, hostname, pid, beat) VALUES ($1, 'h', 1, 8)", [
      owner,
    ]);
    await fixture.store.claim(runId, owner, GRAPHS);
    expect(await fixture.store.rescue({ workerId: owner, beat: '7', chargeCrash: true })).toEqual([]);
    expect((await fixture.store.rescue({ workerId: owner, beat: '8', chargeCrash: true })).length).toBe(1);
  });

  it('rescues each of 60 runs once when three sweepers do it at the same time', async () => {
    const owner = randomUUID();
    const runs = await Promise.all(Array.from({ length: 60 }, () => fixture.create()));
    await Promise.all(runs.map((run) => fixture.store.claim(run.runId, owner, GRAPHS)));
    const worker = { workerId: owner, beat: null, chargeCrash: true };
    const rescued = await Promise.all([1, 2, 3].map(() => fixture.store.rescue(worker)));
    expect(
      rescued
        .flat()
        .map((run) => run.runId)
        .sort(),
    ).toEqual(runs.map((run) => run.runId).sort());
  });
});
