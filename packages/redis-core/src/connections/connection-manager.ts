/**
 * Keeps one role connected: whenever a life ends, the next begins. One attempt at a time, full jitter between
 * attempts, at once after a healthy period, and a number (epoch) for every life.
 */
import type { DialedRole, Dialer } from './dialer.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';
import { HEALTHY_AFTER_MS, reconnectDelayMs } from './reconnect-backoff.js';
import { RedisError } from '../redis-error.js';

/** What the manager tells its owner. Called synchronously; must not throw. */
export interface ConnectionEvents {
  onReady(connection: OneLifeConnection, epoch: number): void;
  onLost(reason: string): void;
  /** An attempt to connect has failed; the next follows. */
  onConnectFailed(reason: string): void;
}

interface Waiter {
  resolve(): void;
  reject(error: RedisError): void;
}

export class ConnectionManager {
  private connection: OneLifeConnection | undefined;
  private lives = 0;
  private loop: Promise<void> | undefined;
  private lastFailure = 'not tried yet';
  private readonly closing = new AbortController();
  private readonly waiters = new Set<Waiter>();
  private pingTimer: NodeJS.Timeout | undefined;

  /** @param node which server of a cluster; elsewhere the address says it */
  constructor(
    private readonly dialer: Dialer,
    private readonly role: DialedRole,
    private readonly pingIntervalMs: number,
    private readonly events: ConnectionEvents,
    private readonly node?: NodeAddress,
  ) {}

  /** The connection of the present life, while it can be written to. */
  get current(): OneLifeConnection | undefined {
    return this.connection?.isWritable() === true ? this.connection : undefined;
  }

  /** Number of the present, or else of the last, life; 0 before the first. */
  get epoch(): number {
    return this.lives;
  }

  /** Where it leads to, for messages. */
  get target(): string {
    const { displayUrl } = this.dialer.settings;
    return this.node === undefined ? displayUrl : `${nodeName(this.node)} of ${displayUrl}`;
  }

  /** Why there is no connection, for messages. */
  get failure(): string {
    return this.lastFailure;
  }

  /** Starts connecting, and never stops until {@link close}. Safe to call twice. */
  start(): void {
    if (this.closing.signal.aborted) return;
    this.loop ??= this.keepConnected();
  }

  /** Ends the present life, so that the next one begins. */
  replace(reason: string): void {
    this.connection?.destroy(reason);
  }

  /**
   * Resolves as soon as there is a connection.
   *
   * @param deadlineMs how long to wait, in milliseconds from now
   * @throws RedisError `not-executed` when there is none in time, the signal aborts or the kit is closed
   */
  async waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    if (this.current !== undefined) return;
    if (this.closing.signal.aborted) throw this.unavailable('CLOSED', 'the kit is closed');
    if (signal?.aborted === true) throw this.unavailable('ABORTED', 'the caller gave up');
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const abort = (): void => {
        waiter.reject(this.unavailable('ABORTED', 'the caller gave up'));
      };
      const timer = setTimeout(() => {
        const waited = `no connection within ${String(deadlineMs)} ms (${this.lastFailure})`;
        waiter.reject(this.unavailable('NOT_CONNECTED', waited));
      }, deadlineMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.waiters.add(waiter);
    });
  }

  /** Ends everything; resolves when the socket is closed and no timer is left. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const waiter of [...this.waiters]) waiter.reject(this.unavailable('CLOSED', 'the kit is closed'));
    this.connection?.destroy('closed');
    await this.loop;
  }

  private async keepConnected(): Promise<void> {
    let attempt = 0;
    while (!this.closing.signal.aborted) {
      if (attempt > 0) await this.pause(reconnectDelayMs(attempt));
      if (this.closing.signal.aborted) break;
      attempt += 1;
      try {
        const connection = await this.dialer.open(this.role, this.closing.signal, this.node);
        if (await this.live(connection)) attempt = 0;
      } catch (error) {
        this.lastFailure = error instanceof Error ? error.message : String(error);
        if (!this.closing.signal.aborted) this.events.onConnectFailed(this.lastFailure);
      }
    }
  }

  /** One life, from ready to end; true when it was a healthy one. */
  private async live(connection: OneLifeConnection): Promise<boolean> {
    const startedAt = performance.now();
    this.connection = connection;
    this.lives += 1;
    this.pingTimer = setInterval(() => {
      // Only arms the socket timeout: an idle connection to a dead peer looks healthy until something is written.
      connection.redis.ping().catch(() => undefined);
    }, this.pingIntervalMs);
    this.events.onReady(connection, this.lives);
    for (const waiter of [...this.waiters]) waiter.resolve();
    this.lastFailure = await connection.ended;
    clearInterval(this.pingTimer);
    this.connection = undefined;
    this.events.onLost(this.lastFailure);
    return performance.now() - startedAt >= HEALTHY_AFTER_MS;
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      const { signal } = this.closing;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }

  private unavailable(code: string, why: string): RedisError {
    return new RedisError('not-executed', code, `Redis at ${this.target} is not available: ${why}.`);
  }
}
