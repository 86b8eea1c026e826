/**
 * Starts a Redis server on the loopback, on data that survives.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { endProcess } from './end-process.js';
import { findRedisServer } from './find-redis.js';
import { freePort, LOOPBACK } from './free-port.js';
import { fitsSocket, LocalServiceError } from './local-service.js';
import type { LocalService, LocalServiceOptions } from './local-service.js';
import { identify } from './process-identity.js';
import { lastLines, openLog } from './service-log.js';

const START_LIMIT_MS = 30_000;
const REDIS_ENDING = [['SIGTERM', 5_000]] as const;

/** Options of {@link startRedis}. */
export interface RedisOptions extends LocalServiceOptions {
  /** Program to run. Default: `redis-server` or `valkey-server` on the PATH, else the system's packages unpacked. */
  readonly binary?: string | undefined;
  /** Keep the data in `<dataDir>/redis`. Default true. */
  readonly persistent?: boolean;
  /** Given to the server after those from here, as in `['--maxclients', '20']`. */
  readonly serverArguments?: readonly string[];
}

/**
 * Starts Redis.
 *
 * @throws LocalServiceError when there is no server to run, or it does not start; the message has the remedy
 */
export async function startRedis(options: RedisOptions): Promise<LocalService> {
  const { note } = options;
  const program = await findRedisServer({
    dataDir: options.dataDir,
    binary: options.binary,
    ...(note === undefined ? {} : { note }),
  });
  const folder = resolve(options.dataDir, 'redis');
  const port = options.port ?? (await freePort());
  const socket = join(folder, 'redis.sock');
  const hasSocket = fitsSocket(socket);
  const service = await startRedisProgram({
    program,
    programArguments: [
      ...['--port', String(port), '--bind', LOOPBACK, '--dir', folder, '--save', ''],
      ...['--appendonly', options.persistent === false ? 'no' : 'yes', '--maxmemory-policy', 'noeviction'],
      ...(hasSocket ? ['--unixsocket', socket, '--unixsocketperm', '700'] : []),
      ...(options.serverArguments ?? []),
    ],
    port,
    folder,
    logFile: join(options.dataDir, 'logs', 'redis.log'),
  });
  return {
    ...service,
    socketUrl: hasSocket ? `${service.url}?socket=${encodeURIComponent(socket)}` : undefined,
  };
}

/** Options of {@link startRedisProgram}. */
export interface RedisProgramOptions {
  readonly program: string;
  /** All that it is given; `port` is for finding it. */
  readonly programArguments: readonly string[];
  readonly port: number;
  /** Made when missing; the program runs in it. */
  readonly folder: string;
  readonly logFile: string;
}

/**
 * Starts a Redis program as anything, such as a Sentinel, and waits until it answers.
 *
 * @throws LocalServiceError when it does not start; the message has its last words
 */
export async function startRedisProgram(options: RedisProgramOptions): Promise<LocalService> {
  const { program, port, folder, logFile } = options;
  mkdirSync(folder, { recursive: true });
  const log = openLog(logFile);
  const server = spawn(
    program,
    [...options.programArguments],
    // Its own process group: Ctrl-C in a terminal must not reach it before those who need it.
    { cwd: folder, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const exited = new Promise<void>((done) => {
    server.once('exit', () => {
      done();
    });
    server.once('error', () => {
      done();
    });
  });
  const identity = server.pid === undefined ? undefined : identify(server.pid);
  const gone = exited.then(() => {
    throw new LocalServiceError(`${program} ended while starting:\n${lastLines(logFile)}`);
  });
  gone.catch(() => undefined);
  const settled = new AbortController();
  try {
    await Promise.race([ready(port, settled.signal), gone]);
  } catch (error) {
    if (identity !== undefined) await endProcess(identity, REDIS_ENDING);
    throw error;
  } finally {
    settled.abort();
  }
  if (identity === undefined) throw new LocalServiceError(`${program} ended while starting.`);
  return {
    url: `redis://${LOOPBACK}:${String(port)}`,
    pid: identity.pid,
    exited,
    stop: async () => {
      await endProcess(identity, REDIS_ENDING);
      await exited;
    },
  };
}

/** Answers PING with PONG, so that it has also read its data. */
async function ready(port: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!signal.aborted && !(await ponged(port))) {
    if (performance.now() > deadline) {
      throw new LocalServiceError(
        `Redis did not answer on port ${String(port)} within ${String(START_LIMIT_MS)} ms.`,
      );
    }
    await sleep(10);
  }
}

function ponged(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection(port, LOOPBACK, () => socket.write('PING\r\n'));
    const end = (answer: boolean): void => {
      socket.destroy();
      settle(answer);
    };
    socket.setTimeout(1_000, () => {
      end(false);
    });
    socket.once('data', (data) => {
      end(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => {
      end(false);
    });
  });
}
