/**
 * A primary with replicas and the Sentinels that watch it: real processes, which a test may kill and freeze.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort, startRedisProgram } from '@longrun/local-services';

import { askRedis } from './ask-redis.js';
import { findTestRedisServer, startTestRedis, startTestServer } from './test-redis.js';
import type { TestRedis } from './test-redis.js';
import { waitUntil } from './wait-until.js';

/** Name under which the Sentinels know the primary. */
const MASTER = 'main';
const SENTINELS = 3;
/** A server that is silent for so long is down; short, since a test waits for it. */
const DOWN_AFTER_MS = 500;

/** Servers and Sentinels. */
export interface TestSentinels {
  /** `redis-sentinel://…?master=main` */
  readonly url: string;
  /** The first was the primary at the start. */
  readonly servers: readonly TestRedis[];
  readonly sentinels: readonly TestRedis[];
  /** The server that most Sentinels take for the primary now. */
  primary(): Promise<TestRedis>;
  stop(): Promise<void>;
}

/** Starts one primary, replicas (default 1) and three Sentinels, and waits until they all know each other. */
export async function startTestSentinel(options: { replicas?: number } = {}): Promise<TestSentinels> {
  const { replicas = 1 } = options;
  const first = await startTestRedis();
  const servers = [first];
  const sentinels: TestRedis[] = [];
  const stop = async (): Promise<void> => {
    for (const one of [...sentinels, ...servers]) {
      // A frozen one would keep the signal that ends it for later.
      one.signal('SIGCONT');
      await one.stop();
    }
  };
  try {
    for (let i = 0; i < replicas; i += 1) {
      const serverArguments = ['--replicaof', '127.0.0.1', String(first.port)];
      servers.push(await startTestRedis({ serverArguments }));
    }
    for (let i = 0; i < SENTINELS; i += 1) sentinels.push(await startSentinel(first.port));
    for (const { port } of sentinels) await waitUntil(() => knowsAll(port, replicas), { timeoutMs: 20_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${String(port)}`).join(',');
  return {
    url: `redis-sentinel://${hosts}?master=${MASTER}`,
    servers,
    sentinels,
    primary: async () => {
      const named = await Promise.all(sentinels.map(({ port }) => primaryPort(port)));
      const votes = (port: number): number => named.filter((one) => one === port).length;
      const chosen = servers.find(({ port }) => votes(port) > SENTINELS / 2);
      if (chosen === undefined) throw new Error(`The Sentinels do not agree: ${named.join(', ')}.`);
      return chosen;
    },
    stop,
  };
}

async function startSentinel(primary: number): Promise<TestRedis> {
  const program = await findTestRedisServer();
  const port = await freePort();
  const quorum = String(Math.floor(SENTINELS / 2) + 1);
  const configuration = [
    `port ${String(port)}`,
    'bind 127.0.0.1',
    `sentinel monitor ${MASTER} 127.0.0.1 ${String(primary)} ${quorum}`,
    `sentinel down-after-milliseconds ${MASTER} ${String(DOWN_AFTER_MS)}`,
    `sentinel failover-timeout ${MASTER} 3000`,
    '',
  ].join('\n');
  return startTestServer(port, (folder) => {
    const file = join(folder, 'sentinel.conf');
    writeFileSync(file, configuration);
    return startRedisProgram({
      program,
      programArguments: [file, '--sentinel'],
      port,
      folder,
      logFile: join(folder, 'sentinel.log'),
    });
  });
}

async function knowsAll(port: number, replicas: number): Promise<boolean> {
  const reply = (await askRedis(port, 'SENTINEL', 'MASTER', MASTER)) as string[];
  const fieldOf = (name: string): number => Number(reply[reply.indexOf(name) + 1]);
  const isUp = reply[reply.indexOf('flags') + 1] === 'master';
  return isUp && fieldOf('num-slaves') === replicas && fieldOf('num-other-sentinels') === SENTINELS - 1;
}

async function primaryPort(sentinel: number): Promise<number | undefined> {
  try {
    const [, port] = (await askRedis(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER)) as string[];
    return Number(port);
  } catch {
    return undefined;
  }
}
