/**
 * The order in which a worker stops: no more jobs, runs drain or are given back, then the connections.
 */
import type pg from 'pg';
import type { RedisKit } from '@longrun/redis-core';
import type { Runner } from '@longrun/runner';
import type { RunQueue } from '@longrun/runs';
import type { RunProcessor } from './run.processor.js';

export class WorkerShutdown {
  constructor(
    private readonly parts: {
      processor: RunProcessor;
      runner: Runner;
      queue: RunQueue;
      redis: RedisKit;
      pool: pg.Pool;
      graceMs: number;
    },
  ) {}

  async stop(): Promise<void> {
    const { processor, runner, queue, redis, pool, graceMs } = this.parts;
    await processor.pause();
    await runner.stop(graceMs);
    await processor.close();
    await queue.close();
    await redis.close();
    await pool.end();
  }
}
