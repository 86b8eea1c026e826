import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { RunEventHub } from '../src/run-event-log/run-event-hub.js';
import { InProcessRunQueue } from '../src/run-queue/in-process-run-queue.js';
import { Sweeper } from '../src/sweep/sweeper.js';
import { createFixture, type Fixture } from './fixture.js';

describe('housekeeping', () => {
  let fixture: Fixture;
  let sweeper: Sweeper;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const look = async () => {
    // A new sweeper cleans up at its first look.
    sweeper = new Sweeper({
      sweeperId: randomUUID(),
      store: fixture.store,
      queue: new InProcessRunQueue(),
      bus: new InProcessEventBus(),
      eventRetentionSeconds: 60,
      announce: true,
    });
    await sweeper.lookOnce();
    await sweeper.stop();
  };
  const count = async (table: string, column: string, id: string) => {
    const { rows } = await fixture.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${table} WHERE ${column}::text = $1`,
      [id],
    );
    return rows[0]?.n;
  };

  it('deletes an expired thread with everything that belongs to it, and no other', async () => {
    const ended = async () => {
      const run = await fixture.create({ temporaryThread: true });
      await fixture.store.finish({ ...run, end: { status: 'interrupted' } });
      await fixture.pool.query(
        `INSERT INTO langgraph.checkpoints (thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata) VALUES ($1, '', 'c', '{}', '{}')`,
        [run.threadId],
      );
      await fixture.pool.query(
        `INSERT INTO langgraph.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type) VALUES ($1, '', 'c', '1', 'empty')`,
        [run.threadId],
      );
      return run;
    };
    const expired = await ended();
    const fresh = await ended();
    await fixture.pool.query("UPDATE thread SET delete_after = now() - interval '1 s' WHERE thread_id = $1", [
      expired.threadId,
    ]);
    await look();
    const left = async (run: { runId: string; threadId: string }) => [
      await count('thread', 'thread_id', run.threadId),
      await count('run', 'run_id', run.runId),
      await count('run_event', 'run_id', run.runId),
      await count('langgraph.checkpoints', 'thread_id', run.threadId),
      await count('langgraph.checkpoint_blobs', 'thread_id', run.threadId),
    ];
    expect(await left(expired)).toEqual([0, 0, 0, 0, 0]);
    expect(await left(fresh)).toEqual([1, 1, 1, 1, 1]);
  });

  it('prunes the logs of runs that ended before the retention, and their readers are told', async () => {
    const old = await fixture.create();
    const recent = await fixture.create();
    for (const run of [old, recent]) await fixture.store.finish({ ...run, end: { status: 'interrupted' } });
    await fixture.pool.query("UPDATE run SET ended_at = now() - interval '2 min' WHERE run_id = $1", [
      old.runId,
    ]);
    await look();
    expect([
      await count('run_event', 'run_id', old.runId),
      await count('run_event', 'run_id', recent.runId),
    ]).toEqual([0, 1]);
    const hub = new RunEventHub({ pool: fixture.pool, bus: new InProcessEventBus() });
    await expect(hub.open(old.runId, -1).next()).rejects.toThrow(/pruned/);
    hub.close();
  });

  it('deletes expired items of the store, and no others', async () => {
    await fixture.pool.query(`
      INSERT INTO langgraph.store (namespace_path, key, value, expires_at) VALUES
        ('a', 'expired', '{}', now() - interval '1 s'), ('a', 'mortal', '{}', now() + interval '1 min'), ('a', 'ever', '{}', NULL)`);
    await look();
    const { rows } = await fixture.pool.query<{ key: string }>(
      'SELECT key FROM langgraph.store ORDER BY key',
    );
    expect(rows.map((row) => row.key)).toEqual(['ever', 'mortal']);
  });

  it('deletes many expired items one batch per look, then rests for its interval', async () => {
    const fill = (name: string, n: number) =>
      fixture.pool.query(
        `INSERT INTO langgraph.store (namespace_path, key, value, expires_at)
         SELECT $1, i::text, '{}', now() - interval '1 s' FROM generate_series(1, $2) AS i`,
        [name, n],
      );
    const left = async () => (await count('langgraph.store', 'value', '{}')) ?? -1;
    await fixture.pool.query('TRUNCATE langgraph.store CASCADE');
    await fill('many', 1_500);
    const patient = new Sweeper({
      sweeperId: randomUUID(),
      store: fixture.store,
      queue: new InProcessRunQueue(),
      bus: new InProcessEventBus(),
    });
    const seen: number[] = [];
    for (let i = 0; i < 2; i += 1) {
      await patient.lookOnce();
      seen.push(await left());
    }
    await fill('late', 3);
    await patient.lookOnce();
    expect([...seen, await left()]).toEqual([500, 0, 3]);
    await patient.stop();
  });

  it('leaves no row of a sweeper behind', async () => {
    await look();
    const { rows } = await fixture.pool.query('SELECT 1 FROM sweeper');
    expect(rows).toEqual([]);
  });
});
