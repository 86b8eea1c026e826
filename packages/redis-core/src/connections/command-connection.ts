/**
 * The multiplexed connection for commands and scripts: at most once, and every promise settles in time.
 */
import type { Command } from 'ioredis';

import type { CommandSink, RedisArgument } from './command-channel.js';
import { badArguments, CommandFactory } from './command-factory.js';
import { ConnectionManager } from './connection-manager.js';
import type { ConnectionEvents } from './connection-manager.js';
import type { Dialer } from './dialer.js';
import { DispatchingChannel } from './dispatching-channel.js';
import type { OneLifeConnection } from './one-life-connection.js';
import type { NodeAddress } from './redis-address.js';
import { isFailoverReply, RedisError, toRedisError } from '../redis-error.js';
import { COMMAND_PING_INTERVAL_MS } from '../redis-settings.js';

export class CommandConnection extends DispatchingChannel {
  private readonly manager: ConnectionManager;
  private readonly factory: CommandFactory;
  private closed = false;

  /**
   * @param events what the owner wants to know of the connection's lives
   * @param node which server of a cluster; elsewhere the address says it
   */
  constructor(dialer: Dialer, events: ConnectionEvents, node?: NodeAddress) {
    super(dialer.settings.operationTimeoutMs);
    this.manager = new ConnectionManager(dialer, 'command', COMMAND_PING_INTERVAL_MS, events, node);
    this.factory = new CommandFactory(dialer.settings.keyPrefix);
  }

  get isReady(): boolean {
    return this.manager.current !== undefined;
  }

  /** Number of the connection, growing with every new one; 0 before the first. */
  get epoch(): number {
    return this.manager.epoch;
  }

  get isClosed(): boolean {
    return this.closed;
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
    let command: Command;
    try {
      command = this.factory.make(name, args);
    } catch (error) {
      sink.onFailure(error as RedisError);
      return;
    }
    write(connection, command, sink);
  }

  /** As {@link dispatch}, with a command that was made already; it cannot be sent a second time. */
  send(command: Command, sink: CommandSink): void {
    const connection = this.manager.current;
    if (connection !== undefined) {
      write(connection, command, sink);
      return;
    }
    sink.onFailure(this.notConnected(command.name));
  }

  waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    return this.manager.waitReady(deadlineMs, signal);
  }

  protected async closeConnections(): Promise<void> {
    this.closed = true;
    await this.manager.close();
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

/**
 * The answer goes from ioredis' parser straight to the sink, not through the promise of the command: measured on SET at 100 in
 * flight, 2.7 µs per command instead of 3.0.
 */
function write(connection: OneLifeConnection, command: Command, sink: CommandSink): void {
  command.resolve = (reply: Buffer) => {
    sink.onReply(command.transformReply(reply));
  };
  command.reject = (error) => {
    const failure = toRedisError(error, command.name.toUpperCase());
    if (isFailoverReply(failure)) connection.destroy(failure.message);
    sink.onFailure(failure);
  };
  try {
    void connection.redis.sendCommand(command);
  } catch (error) {
    sink.onFailure(badArguments(command.name.toUpperCase(), error));
  }
}
