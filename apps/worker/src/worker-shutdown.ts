/**
 * The order in which a worker stops: no more jobs, runs drain or are given back, then the connections; Redis goes last, with the
 * application.
 */
import type pg from 'pg';
import type { Runner } from '@longrun/runner';
import type { RunQueue } from '@longrun/runs';
import type { Capabilities } from '@longrun/service-kit';
import type { RunProcessor } from './run.processor.js';

export class WorkerShutdown {
  constructor(
    private readonly parts: {
      processor: RunProcessor;
      runner: Runner;
      capabilities: Capabilities;
      queue: RunQueue;
      pool: pg.Pool;
      graceMs: number;
    },
  ) {}

  async stop(): Promise<void> {
    const { processor, runner, capabilities, queue, pool, graceMs } = this.parts;
    await processor.pause();
    await runner.stop(graceMs);
    capabilities.close();
    await processor.close();
    await queue.close();
    await pool.end();
  }
}
