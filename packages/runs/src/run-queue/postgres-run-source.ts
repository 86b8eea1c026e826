/**
 * Brings runs to a worker straight from Postgres while Redis is away: woken by NOTIFY, with a poll as the backstop. The claim
 * is the same, so nothing is executed twice when the queue comes back with the same runs.
 */
import type { RunExecutor } from '../execution/run-executor.js';
import type { RunStore } from '../run-store/run-store.js';
import pg from 'pg';
import { RUNS_CHANNEL } from './notify-runs.sql.js';

const POLL_MS = 500;

export interface PostgresRunSourceOptions {
  store: RunStore;
  executor: RunExecutor;
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
  #looking = false;
  #stopped = false;

  constructor(options: PostgresRunSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), POLL_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#stopListening();
  }

  /** Looks for runs now, when there is room for them. */
  async #look(): Promise<void> {
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    try {
      if (!this.#options.isNeeded()) {
        await this.#stopListening();
        return;
      }
      await this.#listen();
      const { executor, store, graphIds, capacity } = this.#options;
      const room = capacity - executor.activeCount;
      if (room <= 0 || executor.isDraining) return;
      const runIds = await store.findWaiting(graphIds, room);
      for (const runId of runIds) executor.process(runId).catch(() => undefined);
    } catch {
      // Postgres is away as well: the next look asks again.
      await this.#stopListening();
    } finally {
      this.#looking = false;
    }
  }

  async #listen(): Promise<void> {
    if (this.#listener) return;
    const client = new pg.Client(this.#options.session);
    client.on('error', () => {
      if (this.#listener === client) this.#listener = undefined;
    });
    client.on('notification', () => void this.#look());
    await client.connect();
    await client.query(`LISTEN ${RUNS_CHANNEL}`);
    this.#listener = client;
  }

  async #stopListening(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.end().catch(() => undefined);
  }
}
