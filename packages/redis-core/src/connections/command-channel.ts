/**
 * What every way to send commands has in common: one connection to one server, or a router in front of a cluster.
 */
import type { RedisError } from '../redis-error.js';
import type { RedisScript } from '../scripts/redis-script.js';

/** An argument of a command. */
export type RedisArgument = string | Buffer | number;

/** Receives what became of one command: exactly one of the two is called, exactly once. Neither may throw. */
export interface CommandSink {
  /** @param reply what the server answered, with strings decoded as UTF-8 */
  onReply(reply: unknown): void;
  onFailure(error: RedisError): void;
}

/** Sends commands, each at most once. */
export interface CommandChannel {
  /** True while a command would be written to a socket now. */
  readonly isReady: boolean;
  /** Grows with every new connection; 0 before the first. */
  readonly epoch: number;
  /**
   * Sends one command now, or fails at once: `onFailure` is then called before this returns. It has no deadline of
   * its own: the sink is called when the command has settled, and the socket timeout or the end of the connection
   * settles every command.
   */
  dispatch(name: string, args: readonly RedisArgument[], sink: CommandSink): void;
  /**
   * Executes one command, at most once; it does not wait for a connection.
   *
   * @returns the reply, with strings decoded as UTF-8
   * @throws RedisError always within `operationTimeoutMs`; its `outcome` says whether the server may have done it
   */
  call(name: string, ...args: RedisArgument[]): Promise<unknown>;
  /**
   * Executes a script by its hash, and by its text when the server does not know it. The second call is safe: a
   * server that does not know a script has executed nothing.
   *
   * @throws RedisError as {@link call}; TypeError when the number of keys is not that of the script
   */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /**
   * Resolves as soon as commands can be sent.
   *
   * @param deadlineMs how long to wait, in milliseconds from now
   * @throws RedisError `not-executed` when that is not so in time, the signal aborts or the kit is closed
   */
  waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void>;
  /** Cuts every connection; what is in flight is rejected as `unknown`, what comes later as `not-executed`. */
  close(): Promise<void>;
}
