/**
 * Connections that one caller has for itself for a while: for blocking commands and for WATCH / MULTI / EXEC.
 * Bounded, first in first out; grows on demand, shrinks when idle. A connection in doubt is destroyed, not reused.
 */
import { ExclusiveConnection } from './exclusive-connection.js';
import { openConnection } from './one-life-connection.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { RedisError } from '../redis-error.js';
import { EXCLUSIVE_IDLE_MS, EXCLUSIVE_MAX_WAITING, EXCLUSIVE_USE_LIMIT_MS } from '../redis-settings.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** Limits of one use of the pool. */
export interface ExclusiveUseOptions {
  /** Gives up: a waiting caller leaves the queue, a working one loses its connection. */
  readonly signal?: AbortSignal;
  /** How long to wait for a connection. Default: `operationTimeoutMs`. */
  readonly acquireTimeoutMs?: number;
  /** How long the connection may be used before it is cut. Default 30,000. */
  readonly useLimitMs?: number;
}

interface Idle {
  readonly connection: OneLifeConnection;
  readonly timer: NodeJS.Timeout;
}

export class ExclusivePool {
  /** Callers that may be opening or using a connection at this moment. */
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly idle: Idle[] = [];
  private readonly uses = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  constructor(private readonly settings: ResolvedRedisSettings) {}

  /** Connections in use or idle, and callers waiting for one. */
  get info(): { inUse: number; idle: number; waiting: number } {
    return { inUse: this.taken, idle: this.idle.length, waiting: this.waiting.length };
  }

  /**
   * Lends a connection to `work`, and takes it back when `work` has settled.
   *
   * @throws RedisError `not-executed` when no connection is to be had in time; what `work` throws is passed on
   */
  async use<T>(
    work: (connection: ExclusiveConnection) => Promise<T>,
    options: ExclusiveUseOptions = {},
  ): Promise<T> {
    const use = this.lend(work, options);
    this.uses.add(use);
    try {
      return await use;
    } finally {
      this.uses.delete(use);
    }
  }

  /** Cuts every connection; resolves when no use is left. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const { connection, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      connection.destroy('closed');
      await connection.ended;
    }
    await Promise.allSettled([...this.uses]);
  }

  private async lend<T>(
    work: (connection: ExclusiveConnection) => Promise<T>,
    options: ExclusiveUseOptions,
  ): Promise<T> {
    const signals = options.signal === undefined ? [] : [options.signal];
    const limit = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, limit.signal, ...signals]);
    const acquireMs = options.acquireTimeoutMs ?? this.settings.operationTimeoutMs;
    let timer = setTimeout(() => {
      limit.abort();
    }, acquireMs);
    try {
      await this.takeTurn(signal, acquireMs);
      try {
        const connection = await this.obtain(signal);
        clearTimeout(timer);
        timer = setTimeout(() => {
          limit.abort();
        }, options.useLimitMs ?? EXCLUSIVE_USE_LIMIT_MS);
        return await this.work(connection, work, signal);
      } finally {
        // The turn is handed over: a newcomer in between would jump the queue and break the ceiling.
        const next = this.waiting.shift();
        if (next === undefined) this.taken -= 1;
        else next();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private async takeTurn(signal: AbortSignal, acquireMs: number): Promise<void> {
    if (signal.aborted) throw refused('ABORTED', 'the caller gave up or the kit is closed');
    if (this.taken < this.settings.maxExclusive) {
      this.taken += 1;
      return;
    }
    if (this.waiting.length >= EXCLUSIVE_MAX_WAITING) {
      throw refused('POOL_QUEUE_FULL', `${String(EXCLUSIVE_MAX_WAITING)} callers are waiting already`);
    }
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        const all = `all ${String(this.settings.maxExclusive)} are in use`;
        reject(refused('POOL_TIMEOUT', `${all}, and the caller gave up or waited ${String(acquireMs)} ms`));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.push(turn);
    });
  }

  private async obtain(signal: AbortSignal): Promise<OneLifeConnection> {
    // The youngest first, so that the others become idle long enough to be closed.
    for (let idle = this.idle.pop(); idle !== undefined; idle = this.idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.connection.isWritable()) return idle.connection;
    }
    try {
      return await openConnection(this.settings, 'exclusive', signal);
    } catch (error) {
      throw refused('NOT_CONNECTED', error instanceof Error ? error.message : String(error));
    }
  }

  private async work<T>(
    connection: OneLifeConnection,
    work: (connection: ExclusiveConnection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const exclusive = new ExclusiveConnection(connection);
    const cut = (): void => {
      connection.destroy('the caller gave up, the limit of its use has passed, or the kit is closed');
    };
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    try {
      return await work(exclusive);
    } finally {
      signal.removeEventListener('abort', cut);
      exclusive.release();
      this.takeBack(connection, exclusive.isClean && !this.closing.signal.aborted);
    }
  }

  private takeBack(connection: OneLifeConnection, clean: boolean): void {
    if (!clean || !connection.isWritable()) {
      connection.destroy('left in an unknown state');
      return;
    }
    const timer = setTimeout(() => {
      this.idle.splice(this.idle.indexOf(idle), 1);
      connection.destroy('idle');
    }, EXCLUSIVE_IDLE_MS);
    // Nobody waits for an idle connection: it must not keep a process alive that forgot to close its kit.
    timer.unref();
    const idle: Idle = { connection, timer };
    this.idle.push(idle);
  }
}

function refused(code: string, why: string): RedisError {
  return new RedisError('not-executed', code, `No exclusive Redis connection: ${why}.`);
}
