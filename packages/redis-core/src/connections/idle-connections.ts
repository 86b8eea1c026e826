/**
 * Exclusive connections that nobody uses at the moment: kept for a while, then closed; and none of them is trusted that
 * has been idle for long.
 */
import type { OneLifeConnection } from './one-life-connection.js';

interface Idle {
  readonly place: string;
  readonly connection: OneLifeConnection;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
}

export class IdleConnections {
  /** Oldest first. */
  private entries: Idle[] = [];

  constructor(
    private readonly limits: {
      /** Closed after so many milliseconds. */
      readonly idleMs: number;
      /** Pinged before use when idle for longer, in milliseconds. */
      readonly trustMs: number;
      /** Dead when it has not answered a ping within so many milliseconds. */
      readonly pingMs: number;
    },
  ) {}

  get size(): number {
    return this.entries.length;
  }

  /** @param place which server it leads to */
  put(place: string, connection: OneLifeConnection): void {
    const timer = setTimeout(() => {
      this.remove(entry);
      connection.destroy('idle');
    }, this.limits.idleMs);
    // Nobody waits for an idle connection: it must not keep a process alive that forgot to close its kit.
    timer.unref();
    const entry: Idle = { place, connection, since: performance.now(), timer };
    this.entries.push(entry);
    void connection.ended.then(() => {
      this.remove(entry);
    });
  }

  /**
   * A connection that works: the youngest first, so that the others become idle long enough to be closed. Dead ones are
   * dropped on the way.
   *
   * @returns undefined when there is none
   */
  async take(place: string, signal: AbortSignal): Promise<OneLifeConnection | undefined> {
    for (;;) {
      const entry = this.entries.findLast((one) => one.place === place);
      if (entry === undefined) return undefined;
      this.remove(entry);
      const { connection } = entry;
      if (!connection.isWritable()) connection.destroy('closed by the server');
      else if (performance.now() - entry.since <= this.limits.trustMs) return connection;
      else if (await this.answers(connection, signal)) return connection;
    }
  }

  /** Closes the oldest. */
  evict(): void {
    const [oldest] = this.entries;
    if (oldest === undefined) return;
    this.remove(oldest);
    oldest.connection.destroy('its place is needed');
  }

  /** Closes all; resolves when their sockets are closed. */
  async close(): Promise<void> {
    const connections = this.entries.map(({ connection }) => connection);
    while (this.size > 0) this.evict();
    await Promise.all(connections.map(({ ended }) => ended));
  }

  /** A peer that is gone without a word looks healthy until something is sent to it. */
  private async answers(connection: OneLifeConnection, signal: AbortSignal): Promise<boolean> {
    const cut = (): void => {
      connection.destroy('did not answer a ping');
    };
    const timer = setTimeout(cut, this.limits.pingMs);
    signal.addEventListener('abort', cut, { once: true });
    try {
      await connection.redis.call('PING');
      return connection.isWritable();
    } catch {
      cut();
      return false;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cut);
    }
  }

  private remove(entry: Idle): void {
    clearTimeout(entry.timer);
    this.entries = this.entries.filter((one) => one !== entry);
  }
}
