/**
 * Whom a job of BullMQ wakes.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bullmqPrefix, RUNS_QUEUE } from '@longrun/contracts';
import { ResilientRedisClient } from '@longrun/redis-core';
import { askRedis, startTestRedis, waitUntil, type TestRedis } from '@longrun/testing';
import { FlowProducer, Queue, Worker } from 'bullmq';
import { quietMarkers } from '../src/index.js';

describe('a job', () => {
  let server: TestRedis;
  let redis: ResilientRedisClient;
  let queue: Queue;
  let flows: FlowProducer;
  const workers: Worker[] = [];
  const changed: number[] = [];
  /** Jobs that are being processed, to be ended. */
  const underWay: (() => void)[] = [];

  beforeAll(async () => {
    server = await startTestRedis();
    redis = new ResilientRedisClient({ url: server.url });
    await redis.init();
    const prefix = bullmqPrefix(redis.kit.settings.keyPrefix);
    queue = new Queue(RUNS_QUEUE, { connection: redis.kit.bullmq('producer'), prefix });
    flows = new FlowProducer({ connection: redis.kit.bullmq('producer'), prefix });
    for (let count = 0; count < 2; count += 1) {
      const connection = redis.kit.bullmq('consumer');
      const process = (): Promise<void> => new Promise((end) => underWay.push(end));
      const worker = new Worker(RUNS_QUEUE, process, { connection, prefix, drainDelay: 60, autorun: false });
      await worker.waitUntilReady();
      changed.push(quietMarkers(connection));
      worker.run().catch(() => undefined);
      workers.push(worker);
    }
    await idle(2);
  }, 60_000);
  afterAll(async () => {
    for (const end of underWay) end();
    await Promise.all(workers.map((worker) => worker.close(true)));
    await flows.close();
    await queue.close();
    await redis.close();
    await server.stop();
  });

  const ask = (name: string, argument: string): Promise<string> =>
    askRedis(server.port, name, argument).then(String);
  const idle = async (count: number): Promise<void> => {
    await waitUntil(async () => ((await ask('CLIENT', 'LIST')).match(/ flags=b /g) ?? []).length === count, {
      message: `${String(count)} idle workers`,
    });
  };
  const begun = async (count: number): Promise<void> => {
    await waitUntil(() => underWay.length === count, { message: `${String(count)} jobs under way` });
  };
  /** How often a worker has asked for a job, by the script for it. */
  const asked = async (): Promise<number> =>
    Number(/cmdstat_rpoplpush:calls=(\d+)/.exec(await ask('INFO', 'commandstats'))?.[1] ?? 0);

  it('is taken by scripts of which two were changed', () => {
    expect(changed).toEqual([2, 2]);
  });

  it('that is alone wakes one worker', async () => {
    const before = await asked();
    await queue.add('run', {});
    await begun(1);
    await idle(1);
    // The one that has it took it.
    expect((await asked()) - before).toBe(1);
    underWay.splice(0).forEach((end) => end());
    await idle(2);
  });

  it.each([0, 5])(
    'that has another behind it wakes a worker for that one (priority %d)',
    async (priority) => {
      const job = { name: 'run', queueName: RUNS_QUEUE, opts: { priority } };
      // In one transaction, so that the two set one marker between them.
      await flows.addBulk([job, job]);
      await begun(2);
      underWay.splice(0).forEach((end) => end());
      await idle(2);
    },
  );
});
