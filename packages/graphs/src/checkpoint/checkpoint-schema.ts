/**
 * The tables of LangGraph's Postgres saver and store, in a schema of their own, with the columns that Longrun adds.
 * Changes when a column is added or LangGraph's own migrations change.
 */
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { PostgresStore } from '@langchain/langgraph-checkpoint-postgres/store';
import type pg from 'pg';
import { inTransaction } from './fenced-transaction.js';

/** Postgres schema of LangGraph's tables. */
export const LANGGRAPH_SCHEMA = 'langgraph';

/** Serialises the setup of all processes that start at once; any constant that nobody else uses will do. */
const SETUP_LOCK = 7_270_737_001;

/**
 * Creates LangGraph's tables and Longrun's additions. Idempotent; safe when several processes call it at once. Needs
 * one connection and takes no table lock when there is nothing to do.
 *
 * @throws the error of Postgres, with nothing changed
 */
export async function setupCheckpointTables(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    // Held to the end of the transaction, so that it works behind a transaction pooler too.
    await client.query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK]);
    await createStockTables(client);
    await addOwnColumns(client);
  });
}

async function createStockTables(client: pg.PoolClient): Promise<void> {
  // LangGraph finds its version by an error, which would abort the transaction: hence its version tables first.
  await client.query(`CREATE SCHEMA IF NOT EXISTS "${LANGGRAPH_SCHEMA}"`);
  for (const table of ['checkpoint_migrations', 'store_migrations']) {
    await client.query(`CREATE TABLE IF NOT EXISTS "${LANGGRAPH_SCHEMA}".${table} (v INTEGER PRIMARY KEY)`);
  }
  const pool = poolOfOne(client);
  await new PostgresSaver(pool, undefined, { schema: LANGGRAPH_SCHEMA }).setup();
  const store = new PostgresStore({ connectionOptions: {}, schema: LANGGRAPH_SCHEMA });
  (store as unknown as { core: { pool: pg.Pool } }).core.pool = pool;
  await store.setup();
}

/** Lets LangGraph's setup run inside our transaction. */
function poolOfOne(client: pg.PoolClient): pg.Pool {
  const borrowed = { query: client.query.bind(client), release: () => undefined };
  return { connect: async () => borrowed, query: borrowed.query } as unknown as pg.Pool;
}

async function addOwnColumns(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = $1`,
    [LANGGRAPH_SCHEMA],
  );
  const existing = new Set(rows.map((row) => `${row.table_name}.${row.column_name}`));
  const schema = `"${LANGGRAPH_SCHEMA}"`;
  for (const table of ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']) {
    if (existing.has(`${table}.run_id`)) continue;
    await client.query(`ALTER TABLE ${schema}.${table} ADD COLUMN run_id uuid, ADD COLUMN attempt int`);
    await client.query(`CREATE INDEX ${table}_by_run ON ${schema}.${table} (thread_id, run_id)`);
  }
  if (!existing.has('checkpoint_writes.shadowed')) {
    // The write of an earlier run that this row replaced: a rollback puts it back.
    await client.query(`ALTER TABLE ${schema}.checkpoint_writes ADD COLUMN shadowed jsonb`);
  }
  if (!existing.has('checkpoints.commit_seq')) await addCommitSequence(client);
  if (!existing.has('store.ttl_minutes')) await addTimeToLive(client);
}

/** Each item's own time to live, so that a read can let it begin anew without becoming an update of the item. */
async function addTimeToLive(client: pg.PoolClient): Promise<void> {
  const table = `"${LANGGRAPH_SCHEMA}".store`;
  await client.query(`ALTER TABLE ${table} ADD COLUMN ttl_minutes double precision`);
  await client.query(`DROP TRIGGER IF EXISTS update_store_updated_at ON ${table}`);
  // For prefixes, whatever the collation of the database.
  await client.query(`CREATE INDEX store_by_prefix ON ${table} (namespace_path text_pattern_ops)`);
}

/** Existing rows are numbered by their id, the only order that they have. */
async function addCommitSequence(client: pg.PoolClient): Promise<void> {
  const table = `"${LANGGRAPH_SCHEMA}".checkpoints`;
  await client.query(`ALTER TABLE ${table} ADD COLUMN commit_seq bigint`);
  await client.query(`
    UPDATE ${table} c SET commit_seq = numbered.n
      FROM (SELECT ctid AS row_id, row_number() OVER (ORDER BY checkpoint_id) AS n FROM ${table}) numbered
     WHERE c.ctid = numbered.row_id`);
  await client.query(`ALTER TABLE ${table} ALTER COLUMN commit_seq SET NOT NULL`);
  await client.query(`ALTER TABLE ${table} ALTER COLUMN commit_seq ADD GENERATED ALWAYS AS IDENTITY`);
  await client.query(`
    SELECT setval(pg_get_serial_sequence('${LANGGRAPH_SCHEMA}.checkpoints', 'commit_seq'),
                  (SELECT COALESCE(max(commit_seq), 0) + 1 FROM ${table}), false)`);
  await client.query(`CREATE INDEX checkpoints_newest ON ${table} (thread_id, checkpoint_ns, commit_seq)`);
}
