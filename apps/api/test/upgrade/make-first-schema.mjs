// Makes first-schema.sql: a database as the first schema had it, with rows in every table. Run it by hand, from the repository after a build:
//   node apps/api/test/upgrade/make-first-schema.mjs
// The file that is checked in stands for the databases of users: it is not made anew when the schema changes.
import { createHash } from 'node:crypto';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from '@langchain/langgraph';
import { startPostgres } from '@longrun/local-services';
import { transform } from 'esbuild';
import pg from 'pg';
import { v5 as nameToUuid } from 'uuid';

const here = import.meta.dirname;
const FIRST = '20261121043801_init';
const ASSISTANT_NAMESPACE = '6ba7b821-9dad-11d1-80b4-00c04fd430c8';
/** As Prisma makes it. */
const MIGRATIONS_TABLE = `CREATE TABLE _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;
const AT = '2026-11-21T06:00:00Z';
const id = (n) => `0000000${n}-0000-4000-8000-000000000000`;
const runIdOf = (n) => `1000000${n}-0000-4000-8000-000000000000`;
const THREADS = {
  done: id(1),
  asks: id(2),
  waits: id(3),
  broken: id(4),
  failed: id(5),
  late: id(6),
  cancelled: id(7),
  gone: id(8),
};

const ofGraphs = createRequire(path.resolve(here, '../../../../packages/graphs/package.json'));
const { PostgresSaver } = await import(
  pathToFileURL(ofGraphs.resolve('@langchain/langgraph-checkpoint-postgres'))
);
const { PostgresStore } = await import(
  pathToFileURL(ofGraphs.resolve('@langchain/langgraph-checkpoint-postgres/store'))
);

const folder = await mkdtemp(path.join(tmpdir(), 'longrun-first-schema-'));
const postgres = await startPostgres({ dataDir: folder });
const pool = new pg.Pool({ connectionString: postgres.url });
// The server goes while connections are still being closed.
pool.on('error', () => undefined);
try {
  const sql = await makeDump();
  await writeFile(path.join(here, 'first-schema.sql'), sql);
} finally {
  await pool.end();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function makeDump() {
  const migration = await readFile(
    path.resolve(here, '../../../../packages/database/prisma/migrations', FIRST, 'migration.sql'),
    'utf8',
  );
  await pool.query(migration);
  await pool.query(MIGRATIONS_TABLE);
  await insert('_prisma_migrations', {
    id: id(9),
    checksum: createHash('sha256').update(migration).digest('hex'),
    migration_name: FIRST,
    started_at: AT,
    finished_at: AT,
    applied_steps_count: 1,
  });
  const definitions = await setUpLangGraph();
  await fillLangGraph();
  await fill();
  return [
    "-- A database of the first schema with rows in every table, made by make-first-schema.mjs. LangGraph's tables are those of its own saver and store.",
    `${MIGRATIONS_TABLE};`,
    migration,
    definitions,
    await rowsOf('public'),
    await rowsOf('langgraph'),
    `SELECT setval(pg_get_serial_sequence('public.worker', 'lock_key'), 1);`,
  ].join('\n');
}

/** What LangGraph's own setup executes, noted on its way. */
async function setUpLangGraph() {
  const noted = [];
  const client = await pool.connect();
  const query = async (text, values) => {
    const statement = typeof text === 'string' ? text : text.text;
    const result = await client.query(text, values);
    if (!/^\s*(SELECT|INSERT INTO .*_migrations|BEGIN|COMMIT)/i.test(statement))
      noted.push(`${statement.trim().replace(/;$/, '')};`);
    return result;
  };
  const borrowed = { query, release: () => undefined };
  const one = { connect: async () => borrowed, query };
  await query('CREATE SCHEMA IF NOT EXISTS langgraph');
  for (const table of ['checkpoint_migrations', 'store_migrations'])
    await query(`CREATE TABLE IF NOT EXISTS langgraph.${table} (v INTEGER PRIMARY KEY)`);
  await new PostgresSaver(one, undefined, { schema: 'langgraph' }).setup();
  const store = new PostgresStore({ connectionOptions: {}, schema: 'langgraph' });
  store.core.pool = one;
  await store.setup();
  await store.put(['users', 'ann'], 'colour', { favourite: 'blue', text: "a 'quoted' \\ value" });
  client.release();
  return noted.filter((statement) => /^(CREATE|ALTER|DROP)/i.test(statement)).join('\n');
}

/** Threads as LangGraph's own saver keeps them. */
async function fillLangGraph() {
  const checkpointer = new PostgresSaver(pool, undefined, { schema: 'langgraph' });
  const steps = await graphOf('steps.ts', 'steps');
  const ask = await graphOf('ask.ts', 'ask');
  steps.checkpointer = checkpointer;
  ask.checkpointer = checkpointer;
  const on = (name) => ({ configurable: { thread_id: THREADS[name] } });
  await steps.invoke({ ms: 1 }, on('done'));
  await ask.invoke({ ms: 1 }, on('asks'));
  await ask.invoke(new Command({ resume: 'yes' }), on('asks'));
}

async function graphOf(file, name) {
  const source = await readFile(path.join(here, '../graphs', file), 'utf8');
  const { code } = await transform(source, { loader: 'ts', format: 'esm' });
  // Beside us, where its imports are found.
  const compiled = path.join(here, `.${file}.mjs`);
  await writeFile(compiled, code);
  try {
    return (await import(pathToFileURL(compiled)))[name];
  } finally {
    await rm(compiled);
  }
}

async function fill() {
  const times = { created_at: AT, updated_at: AT };
  const assistants = {
    steps: nameToUuid('steps', ASSISTANT_NAMESPACE),
    ask: nameToUuid('ask', ASSISTANT_NAMESPACE),
    mine: id(9),
  };
  for (const [name, assistant_id] of Object.entries(assistants)) {
    const isMine = name === 'mine';
    await insert('assistant', {
      assistant_id,
      graph_id: isMine ? 'steps' : name,
      name,
      description: isMine ? 'A patient one.' : null,
      version: 1,
      config: isMine ? { configurable: { tone: 'calm' } } : {},
      context: {},
      metadata: isMine ? { team: 'a' } : { created_by: 'system' },
      ...times,
    });
  }
  const log = ['step0', 'step1', 'step2', 'step3', 'step4', 'step5', 'step6', 'step7'];
  const question = { value: 'second?', id: 'of-the-first-schema' };
  const thread = (name, row) =>
    insert('thread', {
      thread_id: THREADS[name],
      status: 'idle',
      metadata: { name, graph_id: 'steps' },
      config: {},
      values: null,
      interrupts: {},
      error: null,
      last_run_order: 1,
      temporary: false,
      state_updated_at: AT,
      ...times,
      ...row,
    });
  await thread('done', { values: { log, ms: 1 }, config: { configurable: { user: 'ann' } } });
  await thread('asks', {
    status: 'interrupted',
    values: { log: ['first:yes'], ms: 1 },
    interrupts: { second: [question] },
    metadata: { name: 'asks', graph_id: 'ask' },
  });
  await thread('waits', { status: 'busy' });
  await thread('broken', { status: 'busy' });
  await thread('failed', { status: 'error', error: { error: 'Error', message: 'no' } });
  await thread('late', { status: 'error' });
  await thread('cancelled', {});
  await thread('gone', { temporary: true, hidden_at: AT, delete_after: '2026-11-21T06:02:00Z' });

  await insert('worker', {
    worker_id: id(1),
    lock_key: 1,
    lock_held: true,
    beat: 42,
    heartbeat_at: AT,
    started_at: AT,
    state: 'active',
    graph_ids: '{steps,ask}',
    hostname: 'old',
    pid: 4242,
  });
  await insert('sweeper', { sweeper_id: id(1), seen_at: AT });

  const run = async (n, name, row, events = []) => {
    const ended = row.status !== 'pending' && row.status !== 'running';
    await insert('run', {
      run_id: runIdOf(n),
      thread_id: THREADS[name],
      assistant_id: assistants.steps,
      graph_id: 'steps',
      thread_order: 1,
      attempt: row.status === 'pending' ? 0 : 1,
      crashes: 0,
      dispatch: 1,
      dispatched_at: AT,
      priority: 0,
      due_at: AT,
      multitask_strategy: 'enqueue',
      metadata: { name },
      error: null,
      started_at: row.status === 'pending' ? null : AT,
      ended_at: ended ? AT : null,
      ...times,
      kwargs: {
        input: { ms: 1 },
        config: {},
        stream_mode: ['values', 'custom'],
        subgraphs: false,
        resumable: false,
        temporary: name === 'gone',
      },
      ...row,
    });
    const first = { event: 'metadata', data: { run_id: runIdOf(n), attempt: 1 } };
    const last = { event: 'end', data: { run_id: runIdOf(n), status: row.status } };
    const all = row.status === 'pending' ? [] : [first, ...events, ...(ended ? [last] : [])];
    for (const [seq, { event, data }] of all.entries())
      await insert('run_event', { run_id: runIdOf(n), seq, event, data: JSON.stringify(data) });
  };
  await run(1, 'done', { status: 'success' }, [
    { event: 'values', data: { log: [], ms: 1 } },
    ...log.flatMap((_, step) => [
      { event: 'custom', data: { step, attempt: 1 } },
      { event: 'values', data: { log: log.slice(0, step + 1), ms: 1 } },
    ]),
  ]);
  await run(2, 'asks', { status: 'success', assistant_id: assistants.ask, graph_id: 'ask' }, [
    { event: 'values', data: { log: ['first:yes'], ms: 1 } },
  ]);
  await run(3, 'waits', { status: 'pending', assistant_id: assistants.mine });
  await run(4, 'broken', { status: 'running', worker_id: id(1) }, [
    { event: 'values', data: { log: [], ms: 1 } },
  ]);
  await run(5, 'failed', { status: 'error', error: { error: 'Error', message: 'no' } }, [
    { event: 'error', data: { error: 'Error', message: 'no' } },
  ]);
  await run(6, 'late', { status: 'timeout' });
  await run(7, 'cancelled', { status: 'interrupted', cancel_requested_at: AT, cancel_action: 'interrupt' });
  await run(8, 'gone', { status: 'success' });
}

async function insert(table, row) {
  const names = Object.keys(row);
  const values = Object.values(row).map((value) =>
    value !== null && typeof value === 'object' ? JSON.stringify(value) : value,
  );
  await pool.query(
    `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    values,
  );
}

async function tables(schema) {
  const { rows } = await pool.query(
    `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY oid`,
    [schema],
  );
  return rows.map((row) => row.relname);
}

/** Every value as text, which Postgres reads back as what it was. */
async function rowsOf(schema) {
  const lines = [];
  // A table that others refer to comes before them: in this order they were made.
  for (const table of await tables(schema)) {
    const { rows: columns } = await pool.query(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`,
      [schema, table],
    );
    const names = columns.map((column) => `"${column.column_name}"`);
    const { rows } = await pool.query({
      text: `SELECT ${names.map((name) => `${name}::text`).join(', ')} FROM ${schema}.${table} ORDER BY ${names.length > 1 ? '1, 2' : '1'}`,
      rowMode: 'array',
    });
    if (rows.length === 0) throw new Error(`${schema}.${table} has no rows.`);
    for (const row of rows)
      lines.push(
        `INSERT INTO ${schema}.${table} (${names.join(', ')}) VALUES (${row.map((value) => (value === null ? 'NULL' : pg.escapeLiteral(value))).join(', ')});`,
      );
  }
  return lines.join('\n');
}
