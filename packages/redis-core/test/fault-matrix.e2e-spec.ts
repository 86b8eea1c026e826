/**
 * Every kind of operation under every fault, on a real server behind a proxy: it settles in time, is executed at most once
 * where that matters, gives back what it held, and works again soon after the fault is over.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startTcpProxy, startTestRedis, waitUntil } from '@longrun/testing';
import { Redis } from 'ioredis';

import { RedisError, ResilientRedisClient } from '../src/index.js';
import { Load, operations } from './fault-load.js';
import type { Entry } from './fault-load.js';
import { FAULTS } from './faults.js';
import type { Stage } from './faults.js';

const LIMIT_MS = 400;
/** Beyond its deadline an operation may take this long, and as long as the event loop of the test was late. */
const TOLERANCE_MS = 100;
const BACK_TO_WORK_MS = 2_000;

let closers: (() => Promise<void>)[] = [];
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => {
  rejections.push(reason);
};

beforeEach(() => {
  rejections.length = 0;
  process.on('unhandledRejection', onRejection);
});

afterEach(async () => {
  process.off('unhandledRejection', onRejection);
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function setStage(): Promise<Stage> {
  const server = await startTestRedis({ serverArguments: ['--enable-debug-command', 'yes'] });
  closers.push(() => server.stop());
  const proxy = await startTcpProxy({ port: server.port });
  closers.push(() => proxy.close());
  let redis: Redis | undefined;
  closers.push(async () => {
    redis?.stream.destroy();
  });
  const admin = async (): Promise<Redis> => {
    if (redis?.status === 'ready') return redis;
    redis?.disconnect();
    redis = new Redis(server.port, { retryStrategy: () => null });
    redis.on('error', () => undefined);
    await new Promise((resolve) => redis?.once('ready', resolve));
    return redis;
  };
  return { server, proxy, admin };
}

/** Sockets and timers of this process. */
function resources(): string[] {
  const counted = new Set(['TCPSocketWrap', 'TCPServerWrap', 'Timeout', 'Immediate']);
  return process
    .getActiveResourcesInfo()
    .filter((name) => counted.has(name))
    .sort();
}

describe.each(FAULTS)('when $name', (fault) => {
  it('every operation settles in time, at most once, and works again within two seconds', async () => {
    const stage = await setStage();
    await stage.admin();
    const before = resources();
    const redis = new ResilientRedisClient({
      url: stage.proxy.urlFor(stage.server.url),
      operationTimeoutMs: LIMIT_MS,
      connectTimeoutMs: LIMIT_MS,
      healthCheckIntervalMs: 0,
    });
    closers.push(() => redis.close());
    await redis.init();
    const { all, published } = operations(LIMIT_MS);
    await redis.kit.subscriber.subscribe('channel', (id) => {
      published.set(id, (published.get(id) ?? 0) + 1);
    }).ready;
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();

    const load = new Load(redis, all);
    for (const { kind } of all) await waitUntil(() => load.firstSuccess(kind, 0));
    await fault.happen(stage);
    await fault.heal?.(stage);
    const healedAt = performance.now();
    const back = new Map<string, number>();
    for (const { kind } of all) {
      const entry = await waitUntil(() => load.firstSuccess(kind, healedAt));
      back.set(kind, entry.startedAt + entry.durationMs - healedAt);
    }
    await load.stop();
    loop.disable();
    const lateMs = loop.max / 1e6;

    // Nothing but what the kit may say.
    const errors = load.entries.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(errors.filter((error) => !(error instanceof RedisError))).toEqual([]);
    const overdue = load.entries.filter(
      ({ operation, durationMs }) => durationMs > operation.deadlineMs + TOLERANCE_MS + lateMs,
    );
    expect(overdue.map(describeEntry)).toEqual([]);
    for (const [kind, ms] of back) expect([kind, ms < BACK_TO_WORK_MS + lateMs]).toEqual([kind, true]);

    const wrong: string[] = [];
    for (const entry of load.entries) {
      const executions = await entry.operation.executions?.(redis, entry.id);
      if (executions !== undefined && !isPossible(entry, executions, fault.losesData === true)) {
        wrong.push(`${describeEntry(entry)}: executed ${String(executions)} times`);
      }
    }
    expect(wrong).toEqual([]);

    expect(redis.stats.inFlight).toBe(0);
    expect(redis.connectionInfo()).toMatchObject({
      available: true,
      permits: { inUse: 0, waiting: 0 },
      connections: { exclusiveInUse: 0, exclusiveWaiting: 0 },
    });
    await redis.close();
    stage.proxy.resetAll();
    await waitUntil(() => resources().length <= before.length, {
      message: `${before.join()} (now ${resources().join()})`,
    });
    expect(rejections).toEqual([]);
  });
});

/** Whether what the server did fits what the caller was told. */
function isPossible({ operation, error }: Entry, executions: number, losesData: boolean): boolean {
  if (executions > 1) return false;
  // A message that nobody was listening to leaves no trace.
  const maySeeLess = losesData || operation.kind === 'publish';
  if (error === undefined) return maySeeLess || executions === 1;
  return (error as RedisError).outcome !== 'not-executed' || executions === 0;
}

function describeEntry({ operation, durationMs, error }: Entry): string {
  const outcome = error instanceof RedisError ? `${error.outcome} ${error.code}: ${error.message}` : 'done';
  return `${operation.kind}, ${String(Math.round(durationMs))} ms, ${outcome}`;
}
