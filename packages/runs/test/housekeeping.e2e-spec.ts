import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { RunEventHub } from '../src/run-event-log/run-event-hub.js';
import { InProcessRunQueue } from '../src/run-queue/in-process-run-queue.js';
import { Sweeper } from '../src/sweep/sweeper.js';
import { createFixture, type Fixture } from './fixture.js';

const BATCH_ROWS = 100;

describe('housekeeping', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const failures: unknown[] = [];
  afterEach(() => expect(failures.splice(0)).toEqual([]));
  const newSweeper = () =>
    new Sweeper({
      sweeperId: randomUUID(),
      store: fixture.store,
      queue: new InProcessRunQueue(),
      bus: new InProcessEventBus(),
      retention: { eventSeconds: 60, webhookSeconds: 60, idempotencyKeySeconds: 60, batchRows: BATCH_ROWS },
      announce: true,
      onError: (error) => failures.push(error),
    });
  const look = async () => {
    // A new sweeper cleans up at its first look.
    const sweeper = newSweeper();
    await sweeper.lookOnce();
    await sweeper.settled();
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

  it('deletes many expired items in one round, then rests for its interval', async () => {
    const fill = (name: string, n: number) =>
      fixture.pool.query(
        `INSERT INTO langgraph.store (namespace_path, key, value, expires_at)
         SELECT $1, i::text, '{}', now() - interval '1 s' FROM generate_series(1, $2) AS i`,
        [name, n],
      );
    const left = async () => (await count('langgraph.store', 'value', '{}')) ?? -1;
    await fixture.pool.query('TRUNCATE langgraph.store CASCADE');
    await fill('many', BATCH_ROWS * 3 + 50);
    const patient = newSweeper();
    await patient.lookOnce();
    await patient.settled();
    const afterFirst = await left();
    await fill('late', 3);
    await patient.lookOnce();
    await patient.settled();
    expect([afterFirst, await left()]).toEqual([0, 3]);
    await patient.stop();
  });

  it('deletes old idempotency keys and records of webhooks, and no others', async () => {
    await fixture.pool.query(
      `INSERT INTO idempotency_key (key, fingerprint, resource_id, created_at)
       SELECT i::text, 'f', gen_random_uuid(), now() - make_interval(secs => CASE WHEN i <= $1 THEN 120 ELSE 0 END) FROM generate_series(1, $1 + 1) AS i`,
      [BATCH_ROWS * 2 + 7],
    );
    await fixture.pool.query(
      `INSERT INTO webhook_delivery (delivery_id, run_id, thread_id, url, payload, status, ended_at, due_at)
       SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'u' || i, '{}', CASE WHEN i = $1 + 2 THEN 'pending' ELSE 'delivered' END,
         CASE WHEN i <= $1 THEN now() - interval '2 min' WHEN i = $1 + 1 THEN now() END, now() + interval '1 h' FROM generate_series(1, $1 + 2) AS i`,
      [BATCH_ROWS * 2],
    );
    await look();
    const keys = await fixture.pool.query<{ key: string }>('SELECT key FROM idempotency_key');
    expect(keys.rows.map((row) => row.key)).toEqual([String(BATCH_ROWS * 2 + 8)]);
    const hooks = await fixture.pool.query<{ url: string }>('SELECT url FROM webhook_delivery ORDER BY url');
    expect(hooks.rows.map((row) => row.url)).toEqual(['u201', 'u202']);
  });

  it('hides a thread whose time to live is over and deletes it, and prunes the history of one that keeps its newest state', async () => {
    const [mortal, pruned, alive] = await Promise.all([fixture.create(), fixture.create(), fixture.create()]);
    for (const run of [mortal, pruned, alive])
      await fixture.store.finish({ ...run, end: { status: 'success' } });
    const set = (threadId: string, strategy: string, at: string) =>
      fixture.pool.query(
        `UPDATE thread SET ttl_minutes = 1, ttl_strategy = $2, expires_at = ${at} WHERE thread_id = $1`,
        [threadId, strategy],
      );
    await set(mortal.threadId, 'delete', "now() - interval '1 s'");
    await set(pruned.threadId, 'keep_latest', "now() - interval '1 s'");
    await set(alive.threadId, 'delete', "now() + interval '1 min'");
    for (const n of [1, 2, 3]) {
      await fixture.pool.query(
        `INSERT INTO langgraph.checkpoints (thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata) VALUES ($1, '', $2, '{}', '{}')`,
        [pruned.threadId, `c${n}`],
      );
    }
    await look();
    expect([
      await count('thread', 'thread_id', mortal.threadId),
      await count('thread', 'thread_id', pruned.threadId),
      await count('langgraph.checkpoints', 'thread_id', pruned.threadId),
      await count('thread', 'thread_id', alive.threadId),
    ]).toEqual([0, 1, 1, 1]);
  });

  describe('of what is longer than a statement may delete', () => {
    const TABLES = [
      'run_event',
      'langgraph.checkpoints',
      'langgraph.checkpoint_writes',
      'langgraph.checkpoint_blobs',
    ];
    // What each statement deleted, and of how many of these events the run still stood there as if it had them all.
    beforeAll(async () => {
      await fixture.pool.query(`
        CREATE TABLE deletion (name text, rows int, untold int);
        CREATE FUNCTION note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE untold int := 0; BEGIN
          IF TG_TABLE_NAME = 'run_event' THEN
            SELECT count(*) INTO untold FROM gone JOIN run ON run.run_id::text = to_jsonb(gone) ->> 'run_id' WHERE events_pruned_at IS NULL;
          END IF;
          INSERT INTO public.deletion SELECT TG_TABLE_NAME, count(*), untold FROM gone;
          RETURN NULL;
        END $$`);
      for (const table of TABLES) {
        await fixture.pool.query(
          `CREATE TRIGGER note AFTER DELETE ON ${table} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_deletion()`,
        );
      }
    });
    const deletions = async () => {
      const { rows } = await fixture.pool.query<{ name: string; largest: number; untold: number }>(
        'WITH gone AS (DELETE FROM deletion WHERE rows > 0 RETURNING *) SELECT name, max(rows) AS largest, sum(untold)::int AS untold FROM gone GROUP BY name ORDER BY name',
      );
      return rows;
    };
    const endedRun = async (temporaryThread: boolean) => {
      const run = await fixture.create({ temporaryThread });
      await fixture.store.finish({ ...run, end: { status: 'success' } });
      await fixture.pool.query(
        `INSERT INTO run_event (run_id, seq, event, data) SELECT $1, i, 'custom', '{}' FROM generate_series(10, $2 + 10) AS i`,
        [run.runId, BATCH_ROWS * 4],
      );
      return run;
    };

    it('takes a log in pieces, and takes up what a sweeper left half-way', async () => {
      const [whole, half] = [await endedRun(false), await endedRun(false)];
      await fixture.pool.query("UPDATE run SET ended_at = now() - interval '2 min' WHERE run_id = $1", [
        whole.runId,
      ]);
      // Its sweeper died after the mark.
      await fixture.pool.query('UPDATE run SET events_pruned_at = now() WHERE run_id = $1', [half.runId]);
      await look();
      expect([
        await count('run_event', 'run_id', whole.runId),
        await count('run_event', 'run_id', half.runId),
      ]).toEqual([0, 0]);
      expect(await deletions()).toEqual([{ name: 'run_event', largest: BATCH_ROWS, untold: 0 }]);
      const { rows } = await fixture.pool.query(
        'SELECT 1 FROM run WHERE events_pruned_at IS NOT NULL AND NOT events_deleted',
      );
      expect(rows).toEqual([]);
    });

    it('takes a thread in pieces too, and readers are told before', async () => {
      const { threadId, runId } = await endedRun(true);
      await fixture.pool.query(
        "UPDATE thread SET delete_after = now() - interval '1 s' WHERE thread_id = $1",
        [threadId],
      );
      for (const [table, columns, values] of [
        ['checkpoints', 'checkpoint_id, checkpoint, metadata', "i::text, '{}', '{}'"],
        ['checkpoint_writes', 'checkpoint_id, task_id, idx, channel, blob', "i::text, 't', 0, 'c', ''"],
        ['checkpoint_blobs', 'channel, version, type', "'c', i::text, 'empty'"],
      ]) {
        await fixture.pool.query(
          `INSERT INTO langgraph.${table} (thread_id, checkpoint_ns, ${columns})
           SELECT $1, '', ${values} FROM generate_series(1, $2::int) AS i`,
          [threadId, BATCH_ROWS * 3 + 1],
        );
      }
      await look();
      expect([
        await count('thread', 'thread_id', threadId),
        await count('run', 'run_id', runId),
        await count('run_event', 'run_id', runId),
        await count('langgraph.checkpoints', 'thread_id', threadId),
        await count('langgraph.checkpoint_writes', 'thread_id', threadId),
        await count('langgraph.checkpoint_blobs', 'thread_id', threadId),
      ]).toEqual([0, 0, 0, 0, 0, 0]);
      expect(await deletions()).toEqual(
        ['checkpoint_blobs', 'checkpoint_writes', 'checkpoints', 'run_event'].map((name) => ({
          name,
          largest: BATCH_ROWS,
          untold: 0,
        })),
      );
    });
  });

  it('leaves no row of a sweeper behind', async () => {
    await look();
    const { rows } = await fixture.pool.query('SELECT 1 FROM sweeper');
    expect(rows).toEqual([]);
  });
});
