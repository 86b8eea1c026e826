/**
 * Brings runs to a worker straight from Postgres when the queue does not: while Redis is away it looks again and again, and once whenever
 * the queue gives out nothing, or a notification says that a run could not be enqueued, or not soon. The claim is the same, so nothing is executed twice
 * when the queue comes back with the same runs.
 */
import type { RunExecutor } from '../execution/run-executor.js';
import type { RunStore } from '../run-store/run-store.js';
import pg from 'pg';
import { RUNS_CHANNEL } from './notify-runs.sql.js';

const POLL_MS = 500;

export interface PostgresRunSourceOptions {
  store: RunStore;
  executor: Pick<RunExecutor, 'activeCount' | 'isDraining' | 'process'>;
  graphIds: readonly string[];
  /** Runs at a time in this process. */
  capacity: number;
  /** A session that can LISTEN: not through a transaction pooler. */
  session: pg.ClientConfig;
  /** Whether the queue cannot be heard now. */
  isNeeded: () => boolean;
}

export class PostgresRunSource {
  readonly #options: PostgresRunSourceOptions;
  #timer: NodeJS.Timeout | undefined;
  #listener: pg.Client | undefined;
  #listening: Promise<void> | undefined;
  #looking = false;
  #lookAgain = false;
  #stopped = false;

  constructor(options: PostgresRunSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#poll();
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#listening;
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.end().catch(() => undefined);
  }

  /** A Redis that answers may still take no jobs, when its memory is full: so notifications are listened to all the time. */
  #poll(): void {
    if (this.#listener === undefined) {
      this.#listening ??= this.#listen().finally(() => (this.#listening = undefined));
    }
    if (this.#options.isNeeded()) this.look();
  }

  /** Looks for runs now, when there is room for them. A look that is asked for during another follows it. */
  look(): void {
    void this.#look();
  }

  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#lookAgain && !this.#stopped) {
        this.#lookAgain = false;
        const { executor, store, graphIds, capacity } = this.#options;
        const room = capacity - executor.activeCount;
        if (room <= 0 || executor.isDraining) return;
        const runIds = await store.findWaiting(graphIds, room);
        for (const runId of runIds) executor.process(runId).catch(() => undefined);
      }
    } catch {
      // Postgres is away as well: the next look asks again.
    } finally {
      this.#looking = false;
    }
  }

  /** Never throws: the next poll tries again. */
  async #listen(): Promise<void> {
    const client = new pg.Client(this.#options.session);
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.#listener === client) this.#listener = undefined;
    });
    client.on('notification', () => this.look());
    try {
      await client.connect();
      await client.query(`LISTEN ${RUNS_CHANNEL}`);
      this.#listener = client;
    } catch {
      await client.end().catch(() => undefined);
    }
  }
}
