/**
 * Whether Postgres is one that Longrun can use, and big enough for what is to be run.
 */
import {
  createPool,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  pendingMigrations,
  STATEMENT_TIMEOUT_MS,
} from '@longrun/database';

import { judge, reasonOf, type Finding } from './finding.js';

/** Oldest version that is still maintained. */
const OLDEST_VERSION = 14;
/** Postgres's clock decides; this one is in logs, in the ids of runs, and in what graphs do. */
const CLOCK_LIMIT_MS = 2_000;
/** Connections of a process beside its pool: heartbeat, log and notifications of what executes runs. */
const SESSIONS_OF_WORKER = 3;
const SESSIONS_OF_API = 2;
const SWEEPER_POOL = 4;

/** What is to be run, and how it reaches Postgres. */
export interface PostgresPlan {
  readonly url: string;
  readonly directUrl: string | undefined;
  readonly poolSize: number;
  readonly apis: number;
  readonly workers: number;
  readonly sweepers: number;
  /** Milliseconds since 1970 by this machine's clock. */
  now(): number;
}

/** What a session without a pooler asks for itself, milliseconds. */
const ROLE_TIMEOUTS: Readonly<Record<string, number>> = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
};

interface ServerRow {
  version: string;
  version_num: number;
  max_connections: number;
  reserved: number;
  others: number;
}

const SERVER = `
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS version_num,
  current_setting('max_connections')::int AS max_connections,
  current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
  (SELECT count(*)::int FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name NOT LIKE 'longrun%') AS others`;

/** Looks at the server of `directUrl`, and whether `url` goes through a pooler. */
export async function checkPostgres(plan: PostgresPlan): Promise<Finding[]> {
  const url = plan.directUrl ?? plan.url;
  // As through a pooler, which may be in between: that takes no settings of a session.
  const pool = createPool({ url, isPooled: true, poolSize: 1, applicationName: 'longrun-doctor' });
  let asked = plan.directUrl === undefined ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
  try {
    const { rows } = await pool.query<ServerRow>(SERVER);
    const row = rows[0];
    if (row === undefined) throw new Error('it gave no answer');
    asked = 'DATABASE_URL';
    const isPooled = await goesThroughPooler(plan.url);
    const timeouts = isPooled ? [await timeoutsFinding(plan.url)] : [];
    return [
      versionFinding(row),
      poolerFinding(isPooled, plan.directUrl),
      ...timeouts,
      connectionsFinding(row, plan, isPooled),
      await clockFinding(pool, plan.now),
      await migrationsFinding(url),
    ];
  } catch (error) {
    const what = `Postgres of ${asked} does not answer: ${reasonOf(error)}.`;
    return [{ check: 'postgres', status: 'problem', what, remedy: `Start it, or correct ${asked}.` }];
  } finally {
    await pool.end();
  }
}

function versionFinding({ version, version_num: number }: ServerRow): Finding {
  return judge({
    check: 'postgres',
    isWell: number >= OLDEST_VERSION * 10_000,
    what: `Postgres answers; it is version ${version}.`,
    value: version,
    remedy: `Use Postgres ${String(OLDEST_VERSION)} or later.`,
  });
}

/** A session without a transaction keeps its server to itself, unless a pooler gives that to the next one's transaction. */
async function goesThroughPooler(url: string): Promise<boolean> {
  const pool = createPool({ url, isPooled: true, poolSize: 2, applicationName: 'longrun-doctor' });
  const clients = await Promise.all([pool.connect(), pool.connect()]);
  try {
    const pids: (number | undefined)[] = [];
    for (const client of clients) {
      pids.push((await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid);
    }
    return pids[0] === pids[1];
  } finally {
    for (const client of clients) client.release();
    await pool.end();
  }
}

/** @param isPooled `DATABASE_URL` goes through a pooler */
export function poolerFinding(isPooled: boolean, directUrl: string | undefined): Finding {
  return judge({
    check: 'postgres-pooler',
    isWell: !isPooled || directUrl !== undefined,
    what: isPooled
      ? `DATABASE_URL goes through a transaction pooler, and DATABASE_DIRECT_URL is ${directUrl === undefined ? 'not set' : 'set'}.`
      : 'No transaction pooler is in between.',
    remedy:
      'Set DATABASE_DIRECT_URL to Postgres itself: heartbeats, locks and notifications need sessions of their own.',
  });
}

/** Through a pooler the timeouts of a session are those of its role. */
async function timeoutsFinding(url: string): Promise<Finding> {
  const pool = createPool({ url, isPooled: true, poolSize: 1, applicationName: 'longrun-doctor' });
  try {
    const { rows } = await pool.query<{ role: string; name: string; ms: number }>(
      'SELECT current_user AS role, name, setting::int AS ms FROM pg_settings WHERE name = ANY($1) AND setting::int = 0',
      [Object.keys(ROLE_TIMEOUTS)],
    );
    const unset = rows.map(({ name }) => name);
    const commands = rows.map(
      ({ role, name }) => `ALTER ROLE "${role}" SET ${name} = ${String(ROLE_TIMEOUTS[name])};`,
    );
    return judge({
      check: 'postgres-timeouts',
      isWell: unset.length === 0,
      what:
        unset.length === 0
          ? 'The role has the timeouts that keep a frozen process from blocking others.'
          : `Behind the pooler nothing ends what a frozen process holds: ${unset.join(', ')} of the role are 0.`,
      remedy: `${commands.join(' ')} Then let the pooler connect anew.`,
    });
  } finally {
    await pool.end();
  }
}

function connectionsFinding(row: ServerRow, plan: PostgresPlan, isPooled: boolean): Finding {
  // Behind a pooler only the sessions of its own count.
  const pool = isPooled ? 0 : plan.poolSize;
  const needed =
    plan.apis * (pool + SESSIONS_OF_API) +
    plan.workers * (pool + SESSIONS_OF_WORKER) +
    (isPooled ? 0 : plan.sweepers * SWEEPER_POOL);
  const free = row.max_connections - row.reserved - row.others;
  return judge({
    check: 'postgres-connections',
    isWell: needed <= free,
    what:
      `${planned(plan)} may open ${String(needed)} connections; of max_connections ${String(row.max_connections)}, ` +
      `${String(row.reserved)} are reserved and ${String(row.others)} are others'.`,
    value: needed,
    remedy: `Raise max_connections to ${String(needed + row.reserved + row.others)} or more, lower DATABASE_POOL_SIZE, or put a pooler in between.`,
  });
}

async function clockFinding(pool: ReturnType<typeof createPool>, now: () => number): Promise<Finding> {
  const before = now();
  const { rows } = await pool.query<{ ms: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
  );
  const difference = Math.round((before + now()) / 2 - (rows[0]?.ms ?? 0));
  return judge({
    check: 'clock',
    isWell: Math.abs(difference) <= CLOCK_LIMIT_MS,
    what: `The clock of this machine differs from that of Postgres by ${String(difference)} ms.`,
    value: difference,
    remedy:
      'Let NTP set both clocks. Postgres decides what is due, but logs and expiry of tokens go by the others.',
  });
}

async function migrationsFinding(url: string): Promise<Finding> {
  const { pending, failed } = await pendingMigrations(url);
  const state =
    failed === undefined ? `${String(pending.length)} migrations are pending` : `${failed} failed half-way`;
  return judge({
    check: 'migrations',
    isWell: pending.length === 0 && failed === undefined,
    what: `${state}${pending.length === 0 ? '' : `: ${pending.join(', ')}`}.`,
    value: pending.length,
    remedy:
      failed === undefined
        ? 'Run longrun migrate before anything of this version is started.'
        : 'Read its row in _prisma_migrations, mend the database, delete the row, and run longrun migrate.',
  });
}

function planned({ apis, workers, sweepers }: PostgresPlan): string {
  return `${String(apis)} api(s), ${String(workers)} worker(s) and ${String(sweepers)} sweeper(s)`;
}
