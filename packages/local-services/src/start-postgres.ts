/**
 * Starts the embedded Postgres on the loopback, on data that survives.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { endProcess } from './end-process.js';
import { freePort, LOOPBACK } from './free-port.js';
import { fitsSocket, LocalServiceError } from './local-service.js';
import type { LocalService, LocalServiceOptions } from './local-service.js';
import { lastLines, openLog } from './service-log.js';
import { findPostgresHome } from './postgres-account.js';
import { clearLeftovers, ensureCluster, POSTGRES_ENDING } from './postgres-cluster.js';
import { identify } from './process-identity.js';

/** Time for the start, recovery after a crash included. */
const START_LIMIT_MS = 60_000;
const DATABASE = 'longrun';

/** Options of {@link startPostgres}. */
export interface PostgresOptions extends LocalServiceOptions {
  /** Settings of the server (`fsync: 'off'`), over the defaults here. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts Postgres; the URL is that of its superuser and the database `longrun`. Also works as root, who runs it as
 * another user.
 *
 * @throws LocalServiceError when it cannot be started; the message has its last words
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalService> {
  mkdirSync(options.dataDir, { recursive: true });
  const { note = () => undefined } = options;
  const home = findPostgresHome(options.dataDir, note);
  const password = readPassword(join(dirname(home.clusterDir), 'postgres.password'));
  await clearLeftovers(home.clusterDir);
  await ensureCluster(home, password, note);

  const port = options.port ?? (await freePort());
  const logFile = join(options.dataDir, 'logs', 'postgres.log');
  const log = openLog(logFile);
  // In the cluster's own folder, which nobody else can enter.
  const hasSocket = fitsSocket(join(home.clusterDir, `.s.PGSQL.${String(port)}`));
  const settings = {
    listen_addresses: LOOPBACK,
    unix_socket_directories: hasSocket ? home.clusterDir : '',
    max_connections: '200',
    ...options.settings,
  };
  const server = spawn(
    join(home.programs, 'bin', 'postgres'),
    [
      '-D',
      home.clusterDir,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ],
    // Its own process group: Ctrl-C in a terminal must not reach it before those who need it.
    { ...home.account, cwd: dirname(home.clusterDir), stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => {
      resolve();
    });
    server.once('error', () => {
      resolve();
    });
  });
  const identity = server.pid === undefined ? undefined : identify(server.pid);
  const url = `postgresql://postgres:${password}@${LOOPBACK}:${String(port)}/${DATABASE}`;
  const gone = exited.then(() => {
    throw new LocalServiceError(`Postgres ended while starting:\n${lastLines(logFile)}`);
  });
  gone.catch(() => undefined);
  const settled = new AbortController();
  try {
    await Promise.race([ready(url, settled.signal), gone]);
  } catch (error) {
    if (identity !== undefined) await endProcess(identity, POSTGRES_ENDING);
    throw error;
  } finally {
    settled.abort();
  }
  if (identity === undefined) throw new LocalServiceError('Postgres ended while starting.');
  // The driver takes a host that is a path for the folder of a socket.
  const socketUrl = `${url}?host=${encodeURIComponent(home.clusterDir)}`;
  return {
    url,
    socketUrl: hasSocket && (await answers(socketUrl)) ? socketUrl : undefined,
    pid: identity.pid,
    exited,
    stop: async () => {
      await endProcess(identity, POSTGRES_ENDING);
      await exited;
    },
  };
}

async function ready(url: string, signal: AbortSignal): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const deadline = performance.now() + START_LIMIT_MS;
  while (!signal.aborted) {
    const client = new pg.Client({
      connectionString: maintenance.toString(),
      connectionTimeoutMillis: 2_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
      return;
    } catch (error) {
      // 28P01: the cluster was made with another password, so waiting will not help.
      if (performance.now() > deadline || (error as { code?: string }).code === '28P01') {
        throw new LocalServiceError(`Postgres does not accept connections: ${String(error)}`, {
          cause: error,
        });
      }
      await sleep(25);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** A root without its capabilities, as in a container, may not enter the folder of another user. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}
