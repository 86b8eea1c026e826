/**
 * The incident that this kit is made for: sixteen concurrent runs of 3,776 responses each, two operations per response, against
 * a ceiling of 128 connections. Clients that take a connection per operation ran out of them.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { ResilientRedisClient } from '../src/index.js';

/** Prints how much memory operations hold that all wait at once. */
const FIRED_AT_ONCE = fileURLToPath(new URL('./fired-at-once.process.mjs', import.meta.url));

const RUNS = 16;
const RESPONSES = 3_776;
const CEILING = 128;

let server: TestRedis;
let redis: ResilientRedisClient;

beforeEach(async () => {
  server = await startTestRedis({ serverArguments: ['--maxclients', String(CEILING)] });
  redis = new ResilientRedisClient({
    url: server.url,
    maxConcurrentOps: 100,
    maxConnections: CEILING,
    // Who fires 120,832 operations at once must be ready to wait for the last of them.
    operationTimeoutMs: 30_000,
  });
  await redis.init();
});

afterEach(async () => {
  await redis.close();
  await server.stop();
});

/** The two operations of a response: into the run's log, and to whoever follows it. */
async function respond(run: number, response: number): Promise<void> {
  await Promise.all([
    redis.rpush(`log:${String(run)}`, String(response)),
    redis.publish(`follow:${String(run)}`, String(response)),
  ]);
}

async function connectedClients(): Promise<number> {
  const info = String(await redis.execute(['INFO', 'clients']));
  return Number(/connected_clients:(\d+)/.exec(info)?.[1]);
}

/** Runs the load, and says what it needed at its worst. */
async function measure(
  load: () => Promise<void>,
): Promise<{ seconds: number; connections: number; mib: number }> {
  const before = process.memoryUsage().rss;
  let connections = 0;
  let rss = before;
  const sampler = setInterval(() => {
    connections = Math.max(connections, redis.connectionInfo().connections.open);
    rss = Math.max(rss, process.memoryUsage().rss);
  }, 5);
  const startedAt = performance.now();
  try {
    await load();
  } finally {
    clearInterval(sampler);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  connections = Math.max(connections, await connectedClients());
  return { seconds, connections, mib: (Math.max(rss, process.memoryUsage().rss) - before) / 2 ** 20 };
}

function report(name: string, { seconds, connections, mib }: Awaited<ReturnType<typeof measure>>): void {
  const total = RUNS * RESPONSES * 2;
  const rate = Math.round(total / seconds).toLocaleString('en');
  process.stdout.write(
    `${name}: ${total.toLocaleString('en')} operations in ${seconds.toFixed(2)} s (${rate}/s), ` +
      `${String(connections)} connections, ${mib.toFixed(0)} MiB more\n`,
  );
}

async function expectEveryResponseInOrder(): Promise<void> {
  const wanted = Array.from({ length: RESPONSES }, (_, i) => String(i));
  for (let run = 0; run < RUNS; run += 1) {
    expect(await redis.lrange(`log:${String(run)}`, 0, -1)).toEqual(wanted);
  }
}

/** The responses of a run in chunks: what to do with very many operations. */
async function respondInPipelines(run: number): Promise<void> {
  const results = await redis.pipeline(
    Array.from({ length: RESPONSES }, (_, response) => String(response)).flatMap((response) => [
      ['RPUSH', `log:${String(run)}`, response],
      ['PUBLISH', `follow:${String(run)}`, response],
    ]),
  );
  for (const result of results) if (!result.ok) throw result.error;
}

describe('sixteen runs of 3,776 responses with two operations each', () => {
  it('are served without an error, in order, over a handful of connections', async () => {
    const followed: number[][] = Array.from({ length: RUNS }, () => []);
    await Promise.all(
      followed.map(
        (list, run) =>
          redis.kit.subscriber.subscribe(`follow:${String(run)}`, (text) => list.push(Number(text))).ready,
      ),
    );
    const used = await measure(async () => {
      await Promise.all(
        Array.from({ length: RUNS }, async (_, run) => {
          for (let response = 0; response < RESPONSES; response += 1) await respond(run, response);
        }),
      );
    });
    report('one response after the other', used);
    await expectEveryResponseInOrder();
    const wanted = Array.from({ length: RESPONSES }, (_, i) => i);
    // One connection delivers in order: with this message all before it have arrived.
    let last: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => (last = resolve));
    await redis.kit.subscriber.subscribe('last', () => last?.()).ready;
    await redis.publish('last', '');
    await arrived;
    for (const list of followed) expect(list).toEqual(wanted);
    expect(used.connections).toBeLessThanOrEqual(5);
    expect(redis.connectionInfo()).toMatchObject({ permits: { inUse: 0, waiting: 0 } });
  });

  it('are served when every run fires all of its responses at once', async () => {
    const used = await measure(async () => {
      const responses = Array.from({ length: RUNS }, (_, run) =>
        Array.from({ length: RESPONSES }, (__, response) => respond(run, response)),
      );
      await Promise.all(responses.flat());
    });
    report('all responses at once', used);
    await expectEveryResponseInOrder();
    expect(used.connections).toBeLessThanOrEqual(5);
    expect(redis.connectionInfo()).toMatchObject({ permits: { inUse: 0, waiting: 0 } });
  });

  it('wait in bounded memory when all of them are fired at once', async () => {
    const operations = RUNS * RESPONSES * 2;
    // The server of this file has no room for two processes.
    const own = await startTestRedis();
    const call = ['--expose-gc', FIRED_AT_ONCE, own.url, String(operations)];
    const { stdout } = await promisify(execFile)(process.execPath, call).finally(() => own.stop());
    const liveMib = Number(stdout);
    process.stdout.write(`live while all of them waited: ${liveMib.toFixed(0)} MiB\n`);
    expect(liveMib).toBeGreaterThan(1);
    // Two kilobytes each are plenty.
    expect(liveMib).toBeLessThan((operations * 2_048) / 2 ** 20);
  });

  it('are served as pipelines, a chunk at a time', async () => {
    const used = await measure(async () => {
      await Promise.all(Array.from({ length: RUNS }, (_, run) => respondInPipelines(run)));
    });
    report('pipelines of 64', used);
    await expectEveryResponseInOrder();
    expect(used.connections).toBeLessThanOrEqual(5);
    expect(redis.connectionInfo()).toMatchObject({ permits: { inUse: 0, waiting: 0 } });
  });
});
