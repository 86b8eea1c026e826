/**
 * What every channel builds on its dispatch: calls that have a deadline, and scripts.
 */
import type { CommandChannel, CommandSink, RedisArgument } from './command-channel.js';
import { Deadlines } from './deadlines.js';
import { PendingCall } from './pending-call.js';
import { RedisError } from '../redis-error.js';
import { scriptHash } from '../scripts/redis-script.js';
import type { RedisScript } from '../scripts/redis-script.js';

export abstract class DispatchingChannel implements CommandChannel {
  private readonly deadlines: Deadlines;

  constructor(private readonly operationTimeoutMs: number) {
    this.deadlines = new Deadlines(operationTimeoutMs);
  }

  abstract get isReady(): boolean;
  abstract get epoch(): number;
  abstract dispatch(name: string, args: readonly RedisArgument[], sink: CommandSink): void;
  abstract waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void>;
  /** Closes what there is to close, before the deadlines of {@link call} are brought forward. */
  protected abstract closeConnections(): Promise<void>;

  call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(name, this.operationTimeoutMs, resolve, reject);
      this.dispatch(name, args, pending);
      if (!pending.settled) this.deadlines.add(pending);
    });
  }

  async run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
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

  async close(): Promise<void> {
    await this.closeConnections();
    this.deadlines.close();
  }
}
