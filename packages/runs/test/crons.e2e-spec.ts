import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cron } from '@longrun/contracts';
import { createPool } from '@longrun/database';
import { waitUntil } from '@longrun/testing';
import type pg from 'pg';
import { CronFirer } from '../src/crons/cron-firer.js';
import { CronStore, type NewCron } from '../src/crons/cron-store.js';
import type { FiredCron } from '../src/crons/fire-cron.js';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { InProcessRunQueue } from '../src/run-queue/in-process-run-queue.js';
import type { RunLimit } from '../src/run-request/run-limits.js';
import { RunStore } from '../src/run-store/index.js';
import { Sweeper } from '../src/sweep/sweeper.js';
import { createFixture, type Fixture } from './fixture.js';

const MINUTE = 60_000;

describe('crons', () => {
  let fixture: Fixture;
  let crons: CronStore;
  beforeAll(async () => {
    fixture = await createFixture();
    crons = new CronStore(fixture.pool);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.pool.query('TRUNCATE cron, run, thread CASCADE'));

  const create = (overrides: Partial<NewCron> = {}): Promise<Cron> =>
    crons.create({
      id: randomUUID(),
      assistantId: fixture.assistantId,
      threadId: null,
      schedule: '* * * * *',
      timezone: null,
      endTime: null,
      enabled: true,
      onRunCompleted: 'keep',
      payload: { input: { n: 1 } },
      metadata: {},
      identity: null,
      ...overrides,
    });
  /** Lets time pass until `tick`, and no further. */
  const pass = (cronId: string, tick: Date, end: Date | null = null) =>
    fixture.pool.query('UPDATE cron SET next_run_date = $2, end_time = $3 WHERE cron_id = $1', [
      cronId,
      tick,
      end,
    ]);
  const thisMinute = Math.floor(Date.now() / MINUTE) * MINUTE;
  const minutesAgo = (n: number) => new Date(thisMinute - n * MINUTE);
  const row = async (cronId: string): Promise<Cron | undefined> => {
    const page = { sortBy: 'created_at', ascending: false, limit: 100, offset: 0 } as const;
    const found = await crons.search(
      { assistantId: null, threadId: null, enabled: null, metadata: null, meant: null },
      page,
    );
    return found.crons.find((cron) => cron.cron_id === cronId);
  };
  const runs = async (cronId: string) => {
    const { rows } = await fixture.pool.query<{
      run_id: string;
      thread_id: string;
      temporary: boolean;
      kwargs: object;
    }>(
      "SELECT run_id, thread_id, temporary, kwargs FROM run JOIN thread USING (thread_id) WHERE run.metadata ->> 'cron_id' = $1 ORDER BY thread_order",
      [cronId],
    );
    return rows;
  };
  const firer = (pool: pg.Pool = fixture.pool, limits: readonly RunLimit[] = []) => {
    const fired: FiredCron[] = [];
    const errors: unknown[] = [];
    const queue = new InProcessRunQueue();
    const woken: string[] = [];
    queue.consume(async (runId) => woken.push(runId));
    const one = new CronFirer({
      store: new RunStore(pool),
      queue,
      bus: new InProcessEventBus(),
      limits,
      onFire: (item) => fired.push(item),
      onError: (error) => errors.push(error),
    });
    const fire = async () => {
      const next = await one.look();
      await one.settled();
      return next;
    };
    return { fire, fired, errors, woken };
  };

  it('get one run for each of 20 ticks, with two sweepers at every one of them', async () => {
    const { cron_id } = await create();
    const [one, other] = [firer(), firer()];
    for (let tick = 20; tick > 0; tick -= 1) {
      await pass(cron_id, minutesAgo(tick), minutesAgo(tick));
      await Promise.all([one.fire(), other.fire()]);
    }
    const made = await runs(cron_id);
    expect(made).toHaveLength(20);
    expect(new Set(made.map((run) => run.thread_id)).size).toBe(20);
    expect(one.fired.length + other.fired.length).toBe(20);
    expect([...one.woken, ...other.woken].sort()).toEqual(made.map((run) => run.run_id).sort());
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  it('that come due together are shared by two sweepers', async () => {
    // Not every minute: the clock may pass into the next one between the two looks.
    const all = await Promise.all(Array.from({ length: 20 }, () => create({ schedule: '0 0 1 1 *' })));
    for (const { cron_id } of all) await pass(cron_id, minutesAgo(0));
    const [one, other] = [firer(), firer()];
    await Promise.all([one.fire(), other.fire()]);
    for (const { cron_id } of all) expect(await runs(cron_id)).toHaveLength(1);
    expect(one.fired.length + other.fired.length).toBe(20);
    await Promise.all([one.fire(), other.fire()]);
    expect(one.fired.length + other.fired.length).toBe(20);
  });

  it('do not get a second run of a tick, even when they are moved back to it', async () => {
    const { cron_id } = await create();
    const sweeper = firer();
    for (let i = 0; i < 2; i += 1) {
      await pass(cron_id, minutesAgo(3), minutesAgo(3));
      await sweeper.fire();
    }
    expect(await runs(cron_id)).toHaveLength(1);
    expect(sweeper.fired.map(({ run, error }) => [run !== null, error])).toEqual([
      [true, null],
      [false, null],
    ]);
    expect(await row(cron_id)).toMatchObject({ enabled: true, last_error: null });
  });

  it('get one run for the newest of the ticks that were missed, and go on with the next one', async () => {
    const { cron_id } = await create();
    await pass(cron_id, minutesAgo(5));
    const sweeper = firer();
    await sweeper.fire();
    expect(sweeper.fired).toMatchObject([{ skipped: expect.any(Number), error: null }]);
    expect(sweeper.fired[0]?.skipped).toBeGreaterThanOrEqual(5);
    expect(await runs(cron_id)).toHaveLength(1);
    expect(Date.parse((await row(cron_id))?.next_run_date ?? '')).toBeGreaterThan(thisMinute);
  });

  it('end with their end time, whose last tick is not lost', async () => {
    const { cron_id } = await create({ schedule: '* * * * *' });
    await pass(cron_id, minutesAgo(9), new Date(minutesAgo(5).getTime() + 30_000));
    const sweeper = firer();
    await sweeper.fire();
    expect(sweeper.fired.map(({ tick, skipped }) => [tick, skipped])).toEqual([[minutesAgo(5), 4]]);
    expect(await row(cron_id)).toMatchObject({ next_run_date: null, enabled: true });
    expect((await create({ endTime: minutesAgo(0) })).next_run_date).toBeNull();
  });

  it('rest while they are disabled, and make up for nothing afterwards', async () => {
    const { cron_id } = await create({ schedule: '0 0 1 1 *' });
    const change = { payload: {}, metadata: {} };
    await pass(cron_id, minutesAgo(5));
    expect(await crons.update(cron_id, { ...change, enabled: false }, () => undefined)).toMatchObject({
      enabled: false,
      next_run_date: null,
    });
    const sweeper = firer();
    await sweeper.fire();
    const enabled = await crons.update(cron_id, { ...change, enabled: true }, () => undefined);
    expect(Date.parse(enabled.next_run_date ?? '')).toBeGreaterThan(thisMinute);
    await sweeper.fire();
    expect(await runs(cron_id)).toEqual([]);
  });

  it('keep a tick that is due when something else of them is changed', async () => {
    const { cron_id } = await create({ payload: { input: null, webhook: 'http://x' }, metadata: { a: 1 } });
    await pass(cron_id, minutesAgo(0));
    const payload = { webhook: null, input: undefined, config: { tags: ['x'] } };
    expect(await crons.update(cron_id, { payload, metadata: { b: 2 } }, () => undefined)).toMatchObject({
      next_run_date: minutesAgo(0).toISOString(),
      payload: { input: null, config: { tags: ['x'] } },
      metadata: { a: 1, b: 2 },
    });
    await firer().fire();
    const [run] = await runs(cron_id);
    expect(run?.kwargs).toMatchObject({ input: null, config: { tags: ['x'] } });
    expect(run?.kwargs).not.toHaveProperty('webhook');
  });

  it('bring a thread that goes, or stays, as on_run_completed says', async () => {
    const [gone, kept] = [
      await create({ onRunCompleted: 'delete' }),
      await create({ onRunCompleted: 'keep' }),
    ];
    for (const { cron_id } of [gone, kept]) await pass(cron_id, minutesAgo(0));
    await firer().fire();
    expect([(await runs(gone.cron_id))[0]?.temporary, (await runs(kept.cron_id))[0]?.temporary]).toEqual([
      true,
      false,
    ]);
  });

  it('of a thread queue their runs there, or do what their strategy says', async () => {
    const { threadId, runId } = await fixture.create();
    const { cron_id } = await create({ threadId });
    const { cron_id: impatient } = await create({ threadId, payload: { multitask_strategy: 'interrupt' } });
    const sweeper = firer();
    for (const tick of [2, 1]) {
      await pass(cron_id, minutesAgo(tick), minutesAgo(tick));
      await sweeper.fire();
    }
    expect((await runs(cron_id)).map((run) => run.thread_id)).toEqual([threadId, threadId]);
    expect(sweeper.woken).toEqual([]);
    await pass(impatient, minutesAgo(1), minutesAgo(1));
    await sweeper.fire();
    expect((await fixture.store.find(runId))?.status).toBe('interrupted');
    expect(sweeper.woken).toEqual((await runs(impatient)).map((run) => run.run_id));
  });

  it('count against the limits of runs at a time', async () => {
    const both = [await create(), await create()];
    for (const { cron_id } of both) await pass(cron_id, minutesAgo(1));
    const sweeper = firer(fixture.pool, [{ by: 'assistant', most: 1 }]);
    await sweeper.fire();
    expect((await Promise.all(both.map(({ cron_id }) => runs(cron_id)))).map((made) => made.length)).toEqual([
      1, 1,
    ]);
    expect(sweeper.woken).toHaveLength(1);
  });

  it('that can never get a run are disabled with the reason, and keep nobody else waiting', async () => {
    const { threadId } = await fixture.create();
    await fixture.store.hideThread(threadId);
    const [orphan, stranger] = [await create({ threadId }), await create({ assistantId: randomUUID() })];
    const hiddenId = randomUUID();
    await fixture.pool.query(
      "INSERT INTO assistant (assistant_id, graph_id, name, hidden_at) VALUES ($1, 'graph', 'hidden', now())",
      [hiddenId],
    );
    const hidden = await create({ assistantId: hiddenId });
    const healthy = await create();
    for (const [i, { cron_id }] of [orphan, stranger, hidden, healthy].entries())
      await pass(cron_id, minutesAgo(4 - i));
    const sweeper = firer();
    await sweeper.fire();
    expect([await row(orphan.cron_id), await row(stranger.cron_id), await row(hidden.cron_id)]).toMatchObject(
      [
        {
          enabled: false,
          next_run_date: null,
          last_error: { error: 'THREAD_NOT_FOUND', message: expect.stringContaining(threadId) },
        },
        { enabled: false, next_run_date: null, last_error: { error: 'ASSISTANT_NOT_FOUND' } },
        { enabled: false, next_run_date: null, last_error: { error: 'ASSISTANT_NOT_FOUND' } },
      ],
    );
    expect(await runs(healthy.cron_id)).toHaveLength(1);
    expect(sweeper.fired.map(({ disabled }) => disabled)).toEqual([true, true, true, false]);
    await sweeper.fire();
    expect(sweeper.fired).toHaveLength(4);
  });

  it('whose thread is busy say so and try again at the next tick', async () => {
    const { threadId, runId } = await fixture.create();
    const { cron_id } = await create({ threadId, payload: { multitask_strategy: 'reject' } });
    const sweeper = firer();
    await pass(cron_id, minutesAgo(1));
    await sweeper.fire();
    const refused = await row(cron_id);
    expect(refused).toMatchObject({
      enabled: true,
      last_error: { error: 'THREAD_BUSY', at: expect.any(String) },
    });
    expect(Date.parse(refused?.next_run_date ?? '')).toBeGreaterThan(thisMinute);
    await fixture.store.finish({ runId, threadId, end: { status: 'interrupted' } });
    await pass(cron_id, minutesAgo(2), minutesAgo(2));
    await sweeper.fire();
    expect(await runs(cron_id)).toHaveLength(1);
    expect(await row(cron_id)).toMatchObject({ last_error: null });
  });

  it('whose thread is locked are tried again, and the others are fired meanwhile', async () => {
    const pool = createPool({ url: fixture.url, lockTimeoutMs: 100 });
    const { threadId } = await fixture.create();
    const [blocked, free] = [await create({ threadId }), await create()];
    await pass(blocked.cron_id, minutesAgo(2), minutesAgo(2));
    await pass(free.cron_id, minutesAgo(1), minutesAgo(1));
    const client = await fixture.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM thread WHERE thread_id = $1 FOR UPDATE', [threadId]);
    const sweeper = firer(pool);
    await sweeper.fire();
    expect([await runs(blocked.cron_id), (await runs(free.cron_id)).length]).toEqual([[], 1]);
    expect(sweeper.errors).toHaveLength(1);
    await client.query('ROLLBACK');
    client.release();
    await sweeper.fire();
    expect(await runs(blocked.cron_id)).toHaveLength(1);
    await pool.end();
  });

  it('are fired when they come due, not when the sweeper would look again', async () => {
    const { cron_id } = await create();
    await fixture.pool.query("UPDATE cron SET next_run_date = now() + interval '400 ms' WHERE cron_id = $1", [
      cron_id,
    ]);
    const sweeper = new Sweeper({
      sweeperId: randomUUID(),
      store: fixture.store,
      queue: new InProcessRunQueue(),
      bus: new InProcessEventBus(),
      intervalMs: 60_000,
    });
    sweeper.start();
    await waitUntil(async () => (await runs(cron_id)).length === 1, { message: 'the cron to be fired' });
    await sweeper.stop();
  });
});
