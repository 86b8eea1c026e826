/**
 * The multiplexed connection for commands and scripts: at most once, and every promise settles in time.
 */
import { Command } from 'ioredis';

import type { CommandChannel, CommandSink, RedisArgument } from './command-channel.js';
import { ConnectionManager } from './connection-manager.js';
import type { ConnectionEvents } from './connection-manager.js';
import type { Dialer } from './dialer.js';
import { Deadlines } from './deadlines.js';
import { PendingCall } from './pending-call.js';
import type { NodeAddress } from './redis-address.js';
import { runScript } from './run-script.js';
import { isFailoverReply, RedisError, toRedisError } from '../redis-error.js';
import { COMMAND_PING_INTERVAL_MS } from '../redis-settings.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';
import type { RedisScript } from '../scripts/redis-script.js';

type CommandArguments = ConstructorParameters<typeof Command>[1];

export class CommandConnection implements CommandChannel {
  private readonly manager: ConnectionManager;
  private readonly deadlines: Deadlines;
  private readonly commandOptions: ConstructorParameters<typeof Command>[2];
  private closed = false;

  private readonly settings: ResolvedRedisSettings;

  /**
   * @param events what the owner wants to know of the connection's lives
   * @param node which server of a cluster; elsewhere the address says it
   */
  constructor(dialer: Dialer, events: ConnectionEvents, node?: NodeAddress) {
    const { settings } = dialer;
    this.settings = settings;
    this.manager = new ConnectionManager(dialer, 'command', COMMAND_PING_INTERVAL_MS, events, node);
    this.deadlines = new Deadlines(settings.operationTimeoutMs);
    this.commandOptions = {
      replyEncoding: 'utf8',
      ...(settings.keyPrefix === '' ? {} : { keyPrefix: settings.keyPrefix }),
    };
  }

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

  dispatch(name: string, args: readonly RedisArgument[], sink: CommandSink): void {
    const connection = this.manager.current;
    if (connection === undefined) {
      sink.onFailure(this.notConnected(name));
      return;
    }
    let command: Command | undefined;
    let reply: Promise<unknown>;
    try {
      // Measured on SET at 1,000 in flight: 2.35 us per command, 2.52 by call() and by a callback.
      command = new Command(name, args as CommandArguments, this.commandOptions);
      reply = connection.redis.sendCommand(command) as Promise<unknown>;
    } catch (error) {
      command?.promise.catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      const message = `${name} was not sent: its arguments cannot be encoded (${reason}).`;
      sink.onFailure(new RedisError('definitive', 'BAD_ARGUMENTS', message, { cause: error }));
      return;
    }
    reply.then(
      (value) => {
        sink.onReply(value);
      },
      (error: unknown) => {
        const failure = toRedisError(error, name);
        if (isFailoverReply(failure)) connection.destroy(failure.message);
        sink.onFailure(failure);
      },
    );
  }

  call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const pending = new PendingCall(name, this.settings.operationTimeoutMs, resolve, reject);
      this.dispatch(name, args, pending);
      if (!pending.settled) this.deadlines.add(pending);
    });
  }

  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    return runScript(this, script, keys, args);
  }

  waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    return this.manager.waitReady(deadlineMs, signal);
  }

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
      `${name} was not sent: there is no connection to ${this.manager.target} (${why}).`,
    );
  }
}
