/**
 * The one Postgres session of the writer: reconnects by itself, never gives up while it is open.
 */
import { isLockConflict } from '@longrun/database';
import pg from 'pg';

/** A locked row makes only its own run wait, so the lock timeout is short. */
const LOCK_TIMEOUT_MS = 500;
const RECONNECT_DELAYS_MS = [0, 50, 100, 200, 400] as const;

export class LogSession {
  readonly #config: pg.ClientConfig;
  #client: pg.Client | undefined;
  #closed = false;
  #closing = new AbortController();

  constructor(config: pg.ClientConfig) {
    this.#config = { ...config, lock_timeout: LOCK_TIMEOUT_MS };
  }

  isLockConflict(error: unknown): boolean {
    return isLockConflict(error);
  }

  async query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<Row[]> {
    const client = (this.#client ??= await this.#connect());
    const { rows } = await client.query<Row>(query);
    return rows;
  }

  /** Replaces the session. Resolves when the new one is there, or when the writer was closed. */
  async reconnect(): Promise<void> {
    const old = this.#client;
    this.#client = undefined;
    old?.end().catch(() => undefined);
    for (let tries = 0; !this.#closed; tries += 1) {
      try {
        this.#client = await this.#connect();
        return;
      } catch {
        await this.#pause(RECONNECT_DELAYS_MS[Math.min(tries, RECONNECT_DELAYS_MS.length - 1)] ?? 400);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    await this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }

  async #connect(): Promise<pg.Client> {
    if (this.#closed) throw new Error('The session is closed.');
    const client = new pg.Client(this.#config);
    // A broken session is noticed by the next statement.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#closing.signal.addEventListener('abort', done, { once: true });
    });
  }
}
