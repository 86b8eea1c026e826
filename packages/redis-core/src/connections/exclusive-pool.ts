/**
 * Connections that one caller has for itself for a while: for blocking commands and for WATCH / MULTI / EXEC.
 * Bounded, first in first out; grows on demand, shrinks when idle. A connection in doubt is destroyed, not reused.
 */
import type { ConnectionBudget } from './connection-budget.js';
import type { Dialer } from './dialer.js';
import { ExclusiveConnection } from './exclusive-connection.js';
import { IdleConnections } from './idle-connections.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';
import { runTransaction } from './transaction.js';
import type { TransactionOptions, TransactionReads, TransactionWrites } from './transaction.js';
import { isMoved, RedisError } from '../redis-error.js';
import {
  EXCLUSIVE_IDLE_MS,
  EXCLUSIVE_MAX_WAITING,
  EXCLUSIVE_PING_MS,
  EXCLUSIVE_TRUST_MS,
  EXCLUSIVE_USE_LIMIT_MS,
} from '../redis-settings.js';

/** Limits of one use of the pool. */
export interface ExclusiveUseOptions {
  /** Gives up: a waiting caller leaves the queue, a working one loses its connection. */
  readonly signal?: AbortSignal;
  /** How long to wait for a connection. Default: `operationTimeoutMs`. */
  readonly acquireTimeoutMs?: number;
  /** How long the connection may be used before it is cut. Default 30,000. */
  readonly useLimitMs?: number;
  /** One of the keys to be used: in a cluster the connection leads to its server. Default there: any server. */
  readonly key?: string | Buffer;
}

/** State of the pool. */
export interface ExclusivePoolInfo {
  /** Callers that have a connection, or are getting one. */
  readonly inUse: number;
  /** Connections kept for the next caller. */
  readonly idle: number;
  /** Callers that wait for their turn. */
  readonly waiting: number;
  /** Connections opened so far. */
  readonly created: number;
}

/** Knows the servers of a cluster. */
export interface ExclusiveRouter {
  /** @throws RedisError `not-executed` while the servers are not known */
  nodeFor(key: string | Buffer | undefined): NodeAddress;
  /** A server has refused because the key is elsewhere; the error says where. */
  moved(error: RedisError, by: NodeAddress): void;
}

export class ExclusivePool {
  /** Callers whose turn it is. */
  private taken = 0;
  /** Connections that are lent, or being opened to be lent. */
  private lent = 0;
  private created = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly idle: IdleConnections;
  private readonly uses = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  /** @param router in a cluster: which server a connection is for */
  constructor(
    private readonly dialer: Dialer,
    private readonly budget: ConnectionBudget,
    private readonly router?: ExclusiveRouter,
  ) {
    const pingMs = Math.min(EXCLUSIVE_PING_MS, dialer.settings.operationTimeoutMs / 2);
    this.idle = new IdleConnections({ idleMs: EXCLUSIVE_IDLE_MS, trustMs: EXCLUSIVE_TRUST_MS, pingMs });
    budget.onChange(() => {
      this.fitBudget();
    });
  }

  get info(): ExclusivePoolInfo {
    const { taken, idle, waiting, created } = this;
    return { inUse: taken, idle: idle.size, waiting: waiting.length, created };
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

  /**
   * Reads, decides and writes as if nobody else did: the writes happen only if no watched key has changed since.
   *
   * @param watchKeys in a cluster all of one slot, like the keys of the writes
   * @param decide reads through its argument and returns the writes; undefined for none. Called again after a conflict
   * @returns one reply per write; undefined when there were none
   * @throws RedisError `not-executed` CONTENDED when other clients were faster every time, `unknown` when the answer of
   *   EXEC was lost; TransactionError when a write was refused; what `decide` throws is passed on
   */
  transaction(
    watchKeys: readonly string[],
    decide: (reads: TransactionReads) => Promise<TransactionWrites | undefined>,
    options?: TransactionOptions,
  ): Promise<unknown[] | undefined> {
    return runTransaction(this, this.dialer.settings.operationTimeoutMs, watchKeys, decide, options);
  }

  /** Cuts every connection; resolves when no use is left. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.idle.close();
    await Promise.allSettled([...this.uses]);
  }

  private async lend<T>(
    work: (connection: ExclusiveConnection) => Promise<T>,
    options: ExclusiveUseOptions,
  ): Promise<T> {
    const signals = options.signal === undefined ? [] : [options.signal];
    const limit = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, limit.signal, ...signals]);
    const acquireMs = options.acquireTimeoutMs ?? this.dialer.settings.operationTimeoutMs;
    let timer = setTimeout(() => {
      limit.abort();
    }, acquireMs);
    try {
      await this.takeTurn(signal, acquireMs);
      try {
        const node = this.router?.nodeFor(options.key);
        const connection = await this.obtain(node, signal);
        clearTimeout(timer);
        timer = setTimeout(() => {
          limit.abort();
        }, options.useLimitMs ?? EXCLUSIVE_USE_LIMIT_MS);
        return await this.work(node, connection, work, signal);
      } finally {
        this.passTurnOn();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private async takeTurn(signal: AbortSignal, acquireMs: number): Promise<void> {
    if (signal.aborted) throw refused('ABORTED', 'the caller gave up or the kit is closed');
    const { left, ceiling } = this.budget;
    if (this.taken < left) {
      this.taken += 1;
      return;
    }
    if (left === 0) {
      const numbers = `all ${String(ceiling)} of this process are claimed by other roles`;
      throw refused('POOL_NO_ROOM', `${numbers}; set maxConnections higher`);
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
        const all = `all ${String(this.budget.left)} are in use`;
        reject(refused('POOL_TIMEOUT', `${all}, and the caller gave up or waited ${String(acquireMs)} ms`));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.push(turn);
    });
  }

  /** The turn is handed over: a newcomer in between would jump the queue and break the ceiling. */
  private passTurnOn(): void {
    const next = this.taken <= this.budget.left ? this.waiting.shift() : undefined;
    if (next === undefined) this.taken -= 1;
    else next();
  }

  /** Others have claimed or given back connections. */
  private fitBudget(): void {
    const { left } = this.budget;
    while (this.taken < left) {
      const next = this.waiting.shift();
      if (next === undefined) break;
      this.taken += 1;
      next();
    }
    this.makeRoom();
  }

  private makeRoom(): void {
    while (this.idle.size > 0 && this.lent + this.idle.size > this.budget.left) this.idle.evict();
  }

  private async obtain(node: NodeAddress | undefined, signal: AbortSignal): Promise<OneLifeConnection> {
    this.lent += 1;
    try {
      const idle = await this.idle.take(placeOf(node), signal);
      if (idle !== undefined) return idle;
      this.makeRoom();
      const connection = await this.dialer.open('exclusive', signal, node);
      this.created += 1;
      return connection;
    } catch (error) {
      this.lent -= 1;
      throw refused('NOT_CONNECTED', error instanceof Error ? error.message : String(error));
    }
  }

  private async work<T>(
    node: NodeAddress | undefined,
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
    } catch (error) {
      if (isMoved(error) && node !== undefined) this.router?.moved(error, node);
      throw error;
    } finally {
      signal.removeEventListener('abort', cut);
      exclusive.release();
      this.lent -= 1;
      const isGood = exclusive.isClean && connection.isWritable() && !this.closing.signal.aborted;
      if (isGood && this.lent + this.idle.size < this.budget.left) this.idle.put(placeOf(node), connection);
      else connection.destroy('left in an unknown state, or its place is needed');
    }
  }
}

/** Where connections of a kind lead to; one place for all when it is not a cluster. */
function placeOf(node: NodeAddress | undefined): string {
  return node === undefined ? '' : nodeName(node);
}

function refused(code: string, why: string): RedisError {
  return new RedisError('not-executed', code, `No exclusive Redis connection: ${why}.`);
}
