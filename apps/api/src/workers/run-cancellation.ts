/**
 * Cancels runs: durable first, then the worker is told, and after a second without an answer the run is ended here. The fence
 * makes both ends safe.
 */
import { Inject, Injectable } from '@nestjs/common';
import { CANCEL_UNACKNOWLEDGED_MS, WORKER_CONTROL, type RunStatus, testPoint } from '@longrun/contracts';
import { isPostgresUnavailable } from '@longrun/database';
import type { ResilientRedisClient } from '@longrun/redis-core';
import { RunStore, type CancelWish, type FinishedRun, type RunEventBus, type RunQueue } from '@longrun/runs';
import type { Runner } from '@longrun/runner';
import type { Logger } from '@longrun/service-kit';
import { lastValueFrom } from 'rxjs';
import { BUS, LOGGER, QUEUE, REDIS, RUNNER } from '../tokens.js';
import { WorkerControlClient } from './worker-control.client.js';

/** `on_disconnect: "cancel"`, when it comes to that. */
export const DISCONNECTED: CancelWish = { action: 'interrupt', reason: 'the client disconnected' };

@Injectable()
export class RunCancellation {
  constructor(
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(QUEUE) private readonly queue: RunQueue,
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(REDIS) private readonly redis: ResilientRedisClient | null,
    @Inject(RUNNER) private readonly runner: Runner | null,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Marks or ends the run. Resolves with its status at that moment; null when there is no such run. */
  async cancel(runId: string, threadId: string, wish: CancelWish): Promise<RunStatus | null> {
    const result = await this.store.cancel(runId, threadId, wish);
    if (!result) return null;
    await testPoint('cancel:after-commit');
    if (result.finished) this.announce(result.finished);
    if (result.owner) this.tellWorker({ runId, threadId, ...result.owner });
    return result.status;
  }

  /** Tells the worker of a run that is marked already, and sees to it that the run ends. */
  tellWorker(run: { runId: string; threadId: string; attempt: number; workerId: string | null }): void {
    const { runId, attempt, workerId } = run;
    this.runner?.executor.cancel(runId, attempt);
    if (this.redis && workerId !== null) {
      const client = new WorkerControlClient(this.redis, workerId);
      lastValueFrom(client.emit(WORKER_CONTROL.cancelRun, { runId, attempt }), {
        defaultValue: undefined,
      }).catch(
        // The heartbeat tells the worker within a second.
        () => undefined,
      );
    }
    setTimeout(() => void this.#endIfUnacknowledged(run), CANCEL_UNACKNOWLEDGED_MS);
  }

  /** Publishes how a run ended and wakes the next of its thread. */
  announce(finished: FinishedRun): void {
    this.bus.publish(finished.runId, finished.events);
    void this.queue.enqueue(finished.next);
  }

  async #endIfUnacknowledged(run: { runId: string; threadId: string; attempt: number }): Promise<void> {
    const { runId, threadId, attempt } = run;
    try {
      const finished = await this.store.finish({ runId, threadId, attempt, end: { status: 'interrupted' } });
      if (!finished) return;
      this.log.warn(
        { runId, threadId, attempt },
        'worker did not acknowledge the cancel; the run was ended here',
      );
      this.announce(finished);
    } catch (error) {
      // Worker and sweeper see the mark as well.
      const level = isPostgresUnavailable(error) ? 'debug' : 'warn';
      this.log[level]({ runId, threadId, attempt, err: error }, 'cancelled run could not be ended here');
    }
  }
}
