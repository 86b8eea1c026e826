/**
 * A real Redis for a test: one server of its own, which it may kill, freeze and start again.
 */
import { rmSync } from 'node:fs';

import {
  endProcess,
  findRedisServer,
  freePort,
  identify,
  makeTemporaryDataDir,
  signalIfAlive,
  startRedis,
} from '@longrun/local-services';
import type { LocalService } from '@longrun/local-services';

import { redisServerProgram, sharedDataDir } from './environment.js';

/** A Redis of a test's own. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Of the present process. */
  readonly pid: number;
  /** Removed by {@link stop}. */
  readonly dataDir: string;
  signal(name: NodeJS.Signals): void;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the same arguments; it is stopped before when it lives. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** How to start a {@link TestRedis}. */
export interface TestRedisOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Given to the server after the usual ones, as in `['--maxclients', '20']`. */
  readonly serverArguments?: readonly string[];
}

/** Starts a Redis without persistence: a restart finds it empty. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const binary = await findTestRedisServer();
  const port = options.port ?? (await freePort());
  const { serverArguments = [] } = options;
  return startTestServer(port, (dataDir) =>
    startRedis({ dataDir, binary, port, persistent: false, serverArguments }),
  );
}

/**
 * Starts a server in a folder of its own, and again whenever the test wants.
 *
 * @param start starts it on `port`, with everything it writes below the folder it is given
 */
export async function startTestServer(
  port: number,
  start: (dataDir: string) => Promise<LocalService>,
): Promise<TestRedis> {
  const dataDir = makeTemporaryDataDir('longrun-test-redis-');
  let server = await start(dataDir).catch((error: unknown) => {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  });
  return {
    url: server.url,
    port,
    dataDir,
    get pid() {
      return server.pid;
    },
    signal: (name) => {
      const identity = identify(server.pid);
      if (identity !== undefined) signalIfAlive(identity, name);
    },
    kill: async () => {
      const identity = identify(server.pid);
      if (identity !== undefined) await endProcess(identity, []);
      await server.exited;
    },
    restart: async () => {
      await server.stop();
      server = await start(dataDir);
    },
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The Redis program that tests run; unpacked once for all of them when the machine has none. */
export function findTestRedisServer(): Promise<string> {
  return findRedisServer({ dataDir: sharedDataDir(), binary: redisServerProgram() });
}
