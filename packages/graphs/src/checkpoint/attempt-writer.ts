/**
 * The only way an attempt writes: transactions that begin with the fence, one after the other, in the order in which
 * the graph asked for them. Whatever waits while a transaction runs goes into the next one together.
 */
import { testPoint } from '@longrun/contracts';
import type pg from 'pg';
import { inFencedTransaction, type Fence, type Statement } from './fenced-transaction.js';
import { retryWhilePostgresIsAway } from './postgres-faults.js';

/** What {@link AttemptWriter} needs of an attempt. */
export interface AttemptWriterOptions {
  pool: pg.Pool;
  fence: Fence;
  /** Ends every wait for Postgres. */
  signal: AbortSignal;
  /** Awaited before each transaction. Default: no wait. */
  beforeWrite?: (() => Promise<void>) | undefined;
}

interface Waiting {
  readonly statements: readonly Statement[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Most writes in one transaction: bounds how much is repeated after a lost COMMIT. */
const BATCH_LIMIT = 50;

/** The queue of one attempt's checkpoint writes. */
export class AttemptWriter {
  private waiting: Waiting[] = [];
  private draining = false;
  /** The end of the drain that is under way, or of the last one. */
  private drained: Promise<void> = Promise.resolve();

  constructor(private readonly options: AttemptWriterOptions) {}

  /**
   * Resolves when the statements are committed. A lost connection is waited out.
   *
   * @throws LongrunError RUN_FENCED when the run was taken away; the reason of the signal; an error of the data
   */
  write(statements: readonly Statement[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ statements, resolve, reject });
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

  private async drain(): Promise<void> {
    this.draining = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH_LIMIT);
      try {
        await this.options.beforeWrite?.();
        await retryWhilePostgresIsAway(() => this.commit(batch), this.options.signal);
        await testPoint('checkpoint:after-commit');
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.draining = false;
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    const { pool, fence } = this.options;
    await testPoint('checkpoint:before-commit');
    await inFencedTransaction(
      pool,
      fence,
      batch.flatMap(({ statements }) => statements),
    );
  }
}
