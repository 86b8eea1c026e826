/**
 * The only way an attempt writes its checkpoints: transactions with the fence in them, one after the other, in the order in which
 * the graph asked for them. Whatever waits while a transaction runs goes into the next one together, and so does whatever a graph asks for while it
 * waits for nothing: of a quick one that is all. What then still waits when the graph ends is left to the end of the run.
 */
import { setImmediate as turnOfEventLoop, setTimeout as sleep } from 'node:timers/promises';
import { testPoint, type UnwrittenCheckpoints } from '@longrun/contracts';
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
  /** Turns of the event loop by which a transaction waits for more to write. Default 0: {@link GATHER_TURNS} is enough for a graph that does not wait. */
  gatherTurns?: number | undefined;
  /** Awaited before each transaction. Default: no wait. */
  beforeWrite?: (() => Promise<void>) | undefined;
}

interface Waiting {
  readonly writes: CheckpointWrites;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Within so many LangGraph hands in the next checkpoint, or ends, when no node waits for anything. */
export const GATHER_TURNS = 2;

/** Most writes in one transaction: bounds how much is repeated after a lost COMMIT. */
const BATCH_LIMIT = 50;

/** What a write is told that comes too late. Made once: most attempts end without one. */
const ENDED = new Error('The attempt has ended.');

/** The queue of one attempt's checkpoint writes. */
export class AttemptWriter {
  private waiting: Waiting[] = [];
  private draining = false;
  private committing = false;
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

  /**
   * Takes what still waits out of the line, for whoever ends the run to write. Null when nothing waits, when a transaction is under way, or
   * when it is too much for one statement.
   */
  takeUnwritten(): UnwrittenCheckpoints | null {
    const { waiting } = this;
    if (this.committing || waiting.length > BATCH_LIMIT || typeof this.options.fence === 'function')
      return null;
    const [parameters, ...more] = statementsOf(waiting.map(({ writes }) => writes));
    if (!parameters || more.length > 0) return null;
    this.waiting = [];
    const written = (): void => waiting.forEach(({ resolve }) => resolve());
    const [rows, bytes] = parameters;
    return { rows, bytes, written, write: () => this.commit(waiting).then(written) };
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
    await turnOfEventLoop();
    const enough = new AbortController();
    const limit = sleep(withinMs, undefined, enough).catch(() => undefined);
    await Promise.race([this.flush(), limit]);
    enough.abort();
    this.stop();
  }

  /** Takes nothing any more, and gives up what still stands in line. */
  stop(): void {
    this.fail(ENDED);
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  private async drain(): Promise<void> {
    this.draining = true;
    while (this.waiting.length > 0) {
      for (let turn = 0; turn < (this.options.gatherTurns ?? 0); turn += 1) await turnOfEventLoop();
      const batch = this.waiting.splice(0, BATCH_LIMIT);
      if (batch.length === 0) break;
      this.committing = true;
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
      this.committing = false;
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
