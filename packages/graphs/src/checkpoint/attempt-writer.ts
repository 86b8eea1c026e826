/**
 * The only way an attempt writes its checkpoints: transactions with the fence in them, one after the other, in the order in which
 * the graph asked for them. Whatever waits while a transaction runs goes into the next one together.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { testPoint } from '@longrun/contracts';
import type pg from 'pg';
import { statementsOf, type CheckpointWrites } from './checkpoint-writes.js';
import { inTransaction, type Fence } from './fenced-transaction.js';
import { retryWhilePostgresIsAway } from './postgres-faults.js';
import { MAY_WRITE, writeCheckpoints } from './write-checkpoints.sql.js';

/** What {@link AttemptWriter} needs of an attempt. */
export interface AttemptWriterOptions {
  pool: pg.Pool;
  fence: Fence;
  /** The run and attempt recorded with every row, where the fence does not name them. Null: a write outside any run. */
  author: { runId: string; attempt: number } | null;
  /** Ends every wait for Postgres. What still stands in line then is tried once. */
  signal: AbortSignal;
  /** Awaited before each transaction. Default: no wait. */
  beforeWrite?: (() => Promise<void>) | undefined;
}

interface Waiting {
  readonly writes: CheckpointWrites;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Most writes in one transaction: bounds how much is repeated after a lost COMMIT. */
const BATCH_LIMIT = 50;

/** The queue of one attempt's checkpoint writes. */
export class AttemptWriter {
  private waiting: Waiting[] = [];
  private draining = false;
  /** Why nothing is taken any more: the writes after a failed one refer to its rows. */
  private failure: { readonly error: unknown } | undefined;
  /** The end of the drain that is under way, or of the last one. */
  private drained: Promise<void> = Promise.resolve();

  constructor(private readonly options: AttemptWriterOptions) {}

  /**
   * Resolves when the rows are committed. A lost connection is waited out.
   *
   * @throws LongrunError RUN_FENCED when the run was taken away; the reason of the signal; an error of the data; that of an earlier write
   */
  write(writes: CheckpointWrites): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure.error);
    return new Promise((resolve, reject) => {
      this.waiting.push({ writes, resolve, reject });
      if (!this.draining) this.drained = this.drain();
    });
  }

  /** Writes that are not begun yet. */
  get backlog(): number {
    return this.waiting.length;
  }

  /** Resolves when everything asked for so far, and meanwhile, is committed or refused. */
  async flush(): Promise<void> {
    while (this.draining) await this.drained;
  }

  /**
   * Ends the queue of a graph that was aborted: what it hands in by the end of this turn of the event loop (the steps that it has done) is
   * committed, if that takes no longer than `withinMs`. Nothing is taken afterwards.
   */
  async close(withinMs: number): Promise<void> {
    await new Promise(setImmediate);
    const enough = new AbortController();
    const limit = sleep(withinMs, undefined, enough).catch(() => undefined);
    await Promise.race([this.flush(), limit]);
    enough.abort();
    this.stop();
  }

  /** Takes nothing any more, and gives up what still stands in line. */
  stop(): void {
    this.fail(new Error('The attempt has ended.'));
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  private async drain(): Promise<void> {
    this.draining = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH_LIMIT);
      try {
        await this.options.beforeWrite?.();
        if (this.failure !== undefined) throw this.failure.error;
        const { signal } = this.options;
        const commit = (): Promise<void> => this.commit(batch);
        await (signal.aborted ? commit() : retryWhilePostgresIsAway(commit, signal));
        await testPoint('checkpoint:after-commit');
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
        this.fail(error);
      }
    }
    this.draining = false;
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    const { pool, fence, author } = this.options;
    const statements = statementsOf(batch.map(({ writes }) => writes));
    await testPoint('checkpoint:before-commit');
    if (typeof fence === 'function') {
      const text = writeCheckpoints(MAY_WRITE);
      const identity = [author?.runId ?? null, author?.attempt ?? null];
      await inTransaction(pool, async (client) => {
        await fence(client);
        for (const parameters of statements) await client.query(text, [...identity, ...parameters]);
      });
      return;
    }
    const text = writeCheckpoints(fence.text);
    for (const parameters of statements) {
      const values = [...fence.values, ...parameters];
      const { rowCount } = await pool.query({ name: 'write-checkpoints', text, values });
      if (rowCount === 0) throw fence.refusal();
    }
  }
}
