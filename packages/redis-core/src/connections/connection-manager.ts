/**
 * Keeps one role connected: whenever a life ends, the next begins. One attempt at a time, full jitter between
 * attempts, at once after a healthy period, and a number (epoch) for every life.
 */
import type { DialedRole, Dialer } from './dialer.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';
import { pause } from './pause.js';
import { ReadinessWaiters } from './readiness-waiters.js';
import { HEALTHY_AFTER_MS, reconnectDelayMs } from './reconnect-backoff.js';

/** What the manager tells its owner. Called synchronously; must not throw. */
export interface ConnectionEvents {
  onReady(connection: OneLifeConnection, epoch: number): void;
  onLost(reason: string): void;
  /** An attempt to connect has failed; the next follows. */
  onConnectFailed(reason: string): void;
}

export class ConnectionManager {
  private connection: OneLifeConnection | undefined;
  private lives = 0;
  private loop: Promise<void> | undefined;
  private lastFailure = 'not tried yet';
  private readonly closing = new AbortController();
  private readonly waiters = new ReadinessWaiters(this);
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
    if (this.current === undefined) await this.waiters.wait(deadlineMs, signal);
  }

  /** Ends everything; resolves when the socket is closed and no timer is left. */
  async close(): Promise<void> {
    this.closing.abort();
    this.waiters.close();
    this.connection?.destroy('closed');
    await this.loop;
  }

  private async keepConnected(): Promise<void> {
    let attempt = 0;
    while (!this.closing.signal.aborted) {
      if (attempt > 0) await pause(reconnectDelayMs(attempt), this.closing.signal);
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
    this.waiters.release();
    this.lastFailure = await connection.ended;
    clearInterval(this.pingTimer);
    this.connection = undefined;
    this.events.onLost(this.lastFailure);
    return performance.now() - startedAt >= HEALTHY_AFTER_MS;
  }
}
