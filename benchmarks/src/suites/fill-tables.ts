/**
 * A system that has been in use for long: ended runs with their events, on threads, written straight into the tables.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface Stored {
  readonly threads: number;
  readonly runsPerThread: number;
  readonly eventsPerRun: number;
}

/** What can be asked for afterwards. */
export interface StoredSample {
  /** Any one of the threads. */
  readonly threadId: string;
}

/** Threads have `metadata.bench` from 0 to this, so that a search finds a hundredth of a percent of many. */
export const METADATA_VALUES = 10_000;

const THREADS_TOGETHER = 5_000;

// Ids of version 7, as the product makes them: they grow, and so does the index at its end.
const THREADS = `
INSERT INTO thread (thread_id, status, metadata, values, last_run_order, created_at, updated_at, state_updated_at)
SELECT uuidv7(), 'idle',
  jsonb_build_object('graph_id', 'noop', 'assistant_id', $3::text, 'batch', $4::text, 'bench', ($1::int + n) % ${String(METADATA_VALUES)}),
  jsonb_build_object('n', n), $5,
  at.at, at.at, at.at
FROM generate_series(1, $2::int) AS n, LATERAL (SELECT now() - make_interval(secs => 86400 * random()) AS at) AS at`;
const RUNS = `
INSERT INTO run (run_id, thread_id, assistant_id, graph_id, thread_order, status, attempt, dispatch, multitask_strategy,
  kwargs, metadata, created_at, updated_at, started_at, ended_at)
SELECT uuidv7(), thread_id, $2::uuid, 'noop', n, 'success', 1, 1, 'enqueue',
  '{"input":{"n":1},"config":{},"stream_mode":["values"]}', '{}', created_at, created_at, created_at, created_at
FROM thread, generate_series(1, $3::int) AS n
WHERE metadata @> jsonb_build_object('batch', $1::text)`;
const EVENTS = `
INSERT INTO run_event (run_id, seq, event, data)
SELECT run_id, n, 'custom', '{"token":1,"at":123456789.123}'
FROM run JOIN thread USING (thread_id), generate_series(0, $2::int - 1) AS n
WHERE thread.metadata @> jsonb_build_object('batch', $1::text)`;

/** @param note told of the progress */
export async function fillTables(
  databaseUrl: string,
  stored: Stored,
  note: (sentence: string) => void,
): Promise<StoredSample> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bench-fill' });
  await client.connect();
  try {
    // Nothing of this needs to survive, nor to be checked.
    await client.query("SET synchronous_commit = off; SET session_replication_role = 'replica'");
    const { rows: assistants } = await client.query<{ id: string }>(
      "SELECT assistant_id AS id FROM assistant WHERE graph_id = 'noop' LIMIT 1",
    );
    const assistantId = assistants[0]?.id ?? randomUUID();
    for (let done = 0; done < stored.threads; done += THREADS_TOGETHER) {
      const count = Math.min(THREADS_TOGETHER, stored.threads - done);
      const batch = randomUUID();
      await client.query(THREADS, [done, count, assistantId, batch, stored.runsPerThread]);
      await client.query(RUNS, [batch, assistantId, stored.runsPerThread]);
      await client.query(EVENTS, [batch, stored.eventsPerRun]);
      if (done % (THREADS_TOGETHER * 4) === 0) note(`stored ${String(done + count)} threads`);
    }
    note('VACUUM ANALYZE');
    await client.query('VACUUM ANALYZE');
    const { rows } = await client.query<{ id: string }>(
      'SELECT thread_id AS id FROM thread OFFSET 100 LIMIT 1',
    );
    return { threadId: rows[0]?.id ?? '' };
  } finally {
    await client.end();
  }
}
