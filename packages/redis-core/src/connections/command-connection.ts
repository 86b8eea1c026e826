/**
 * The multiplexed connection for commands and scripts: at most once, and every promise settles in time.
 */
import { ConnectionManager } from './connection-manager.js';
import type { ConnectionEvents } from './connection-manager.js';
import { Deadlines } from './deadlines.js';
import type { PendingOperation } from './deadlines.js';
import { isFailoverReply, RedisError, toRedisError } from '../redis-error.js';
import { COMMAND_PING_INTERVAL_MS } from '../redis-settings.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';
import { scriptHash } from '../scripts/redis-script.js';
import type { RedisScript } from '../scripts/redis-script.js';

/** An argument of a command. */
export type RedisArgument = string | Buffer | number;

export class CommandConnection {
  private readonly manager: ConnectionManager;
  private readonly deadlines: Deadlines;
  private closed = false;

  /** @param events what the owner wants to know of the connection's lives */
  constructor(
    private readonly settings: ResolvedRedisSettings,
    events: ConnectionEvents,
  ) {
    this.manager = new ConnectionManager(settings, 'command', COMMAND_PING_INTERVAL_MS, events);
    this.deadlines = new Deadlines(settings.operationTimeoutMs);
  }

  /** True while a command called now would be written to a socket. */
  get isReady(): boolean {
    return this.manager.current !== undefined;
  }

  /** Number of the connection, growing with every new one; 0 before the first. */
  get epoch(): number {
    return this.manager.epoch;
  }

  /** Starts connecting. */
  start(): void {
    this.manager.start();
  }

  /**
   * Executes one command, at most once, on the connection that is there now; it does not wait for one.
   *
   * @returns the reply, with strings decoded as UTF-8
   * @throws RedisError always within `operationTimeoutMs`; its `outcome` says whether the server may have done it
   */
  call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    const connection = this.manager.current;
    if (connection === undefined) return Promise.reject(this.notConnected(name));
    return new Promise((resolve, reject) => {
      const operation: PendingOperation = {
        settled: false,
        expire: () => {
          operation.settled = true;
          reject(this.timedOut(name));
        },
      };
      this.deadlines.add(operation);
      connection.redis.call(name, ...args).then(
        (reply) => {
          if (operation.settled) return;
          operation.settled = true;
          resolve(reply);
        },
        (error: unknown) => {
          const failure = toRedisError(error, name);
          if (isFailoverReply(failure)) connection.destroy(failure.message);
          if (operation.settled) return;
          operation.settled = true;
          reject(failure);
        },
      );
    });
  }

  /**
   * Executes a script by its hash, and by its text when the server does not know it. The second call is safe: a
   * server that does not know a script has executed nothing.
   *
   * @throws RedisError as {@link call}; TypeError when the number of keys is not that of the script
   */
  async run(script: RedisScript, keys: string[], args: RedisArgument[]): Promise<unknown> {
    if (keys.length !== script.numberOfKeys) {
      const expected = `${String(script.numberOfKeys)} keys, got ${String(keys.length)}`;
      throw new TypeError(`Script ${script.name} takes ${expected}.`);
    }
    try {
      return await this.call('EVALSHA', scriptHash(script), keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof RedisError) || error.code !== 'NOSCRIPT') throw error;
      return this.call('EVAL', script.lua, keys.length, ...keys, ...args);
    }
  }

  /**
   * Resolves as soon as there is a connection.
   *
   * @param deadlineMs how long to wait, in milliseconds from now
   * @throws RedisError `not-executed` when there is none in time, the signal aborts or the kit is closed
   */
  waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    return this.manager.waitReady(deadlineMs, signal);
  }

  /** Cuts the connection; what is in flight is rejected as `unknown`, what comes later as `not-executed`. */
  async close(): Promise<void> {
    this.closed = true;
    await this.manager.close();
    this.deadlines.close();
  }

  private notConnected(name: string): RedisError {
    const why = this.closed ? 'the kit is closed' : this.manager.failure;
    return new RedisError(
      'not-executed',
      this.closed ? 'CLOSED' : 'NOT_CONNECTED',
      `${name} was not sent: there is no connection to ${this.settings.displayUrl} (${why}).`,
    );
  }

  private timedOut(name: string): RedisError {
    const limit = `${String(this.settings.operationTimeoutMs)} ms`;
    return new RedisError(
      'unknown',
      'TIMEOUT',
      `${name} may have been executed: Redis did not answer within ${limit}.`,
    );
  }
}
