/**
 * The one connection that listens: any number of channels and listeners, one SUBSCRIBE per channel.
 *
 * Pub/sub forgets what is published while nobody listens. So the subscriber promises two things: a subscription's
 * `ready` means that the server has confirmed it, and `gap` says, after a reconnect, when it listens again: whoever
 * needs every message reads what it missed from elsewhere then.
 */
import { EventEmitter } from 'node:events';

import { ConnectionManager } from './connection-manager.js';
import type { Dialer } from './dialer.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { RedisError, toRedisError } from '../redis-error.js';
import { SUBSCRIBER_PING_INTERVAL_MS } from '../redis-settings.js';

/** Called with every message of a channel, in the order in which the server sent them. */
export type MessageListener = (message: string) => void;

/** One listener's hold on a channel. */
export interface Subscription {
  /**
   * Resolves when the server has confirmed the subscription: every message published after that is delivered, until
   * the next `gap`. Pending while Redis is away. Rejects with RedisError when the server refuses, and when the
   * subscription or the kit is closed first; an ignored rejection is not reported as unhandled.
   */
  readonly ready: Promise<void>;
  /** Stops the listener, at once. Safe to call twice. */
  unsubscribe(): void;
}

interface Hold {
  readonly listener: MessageListener;
  resolve(): void;
  reject(error: RedisError): void;
}

interface Channel {
  readonly name: string;
  readonly holds: Set<Hold>;
  /** The server has confirmed it on the present connection. */
  confirmed: boolean;
}

/** Channels per SUBSCRIBE command when there are very many. */
const CHANNELS_PER_COMMAND = 500;

export class Subscriber {
  private readonly manager: ConnectionManager;
  private readonly channels = new Map<string, Channel>();
  /** Channels that the server will be subscribed to once it has executed everything sent on this connection. */
  private sent = new Set<string>();
  private readonly changed = new Set<string>();
  private flushScheduled = false;
  private listening = false;
  private everListened = false;
  private readonly emitter = new EventEmitter<{ gap: [] }>();

  /** @param onListenerError told when a listener throws; the other listeners are called all the same */
  constructor(
    dialer: Dialer,
    private readonly onListenerError: (error: unknown) => void,
  ) {
    this.emitter.setMaxListeners(0);
    this.manager = new ConnectionManager(dialer, 'subscriber', SUBSCRIBER_PING_INTERVAL_MS, {
      onReady: (connection) => {
        this.begin(connection);
      },
      onLost: () => {
        this.listening = false;
        this.sent = new Set();
        for (const channel of this.channels.values()) channel.confirmed = false;
      },
      onConnectFailed: () => undefined,
    });
  }

  /** True while every channel is subscribed on a live connection. */
  get isReady(): boolean {
    return this.listening && this.manager.current !== undefined;
  }

  /** Channels with at least one listener. */
  get channelCount(): number {
    return this.channels.size;
  }

  /** Starts connecting. */
  start(): void {
    this.manager.start();
  }

  /** `gap`: messages may have been lost, and from now on none is. Returns a function that removes the listener. */
  on(event: 'gap', listener: () => void): () => void {
    this.emitter.on(event, listener);
    return () => this.emitter.off(event, listener);
  }

  /** Calls `listener` with every message of `channel`. Never throws for want of a connection. */
  subscribe(channel: string, listener: MessageListener): Subscription {
    let state = this.channels.get(channel);
    if (state === undefined) {
      state = { name: channel, holds: new Set(), confirmed: false };
      this.channels.set(channel, state);
    }
    const { holds, confirmed } = state;
    let hold: Hold | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      hold = { listener, resolve, reject };
      holds.add(hold);
      if (confirmed) resolve();
    });
    ready.catch(() => undefined);
    if (!confirmed) this.schedule(channel);
    return {
      ready,
      unsubscribe: () => {
        if (hold === undefined || !holds.delete(hold)) return;
        hold.reject(
          new RedisError('not-executed', 'UNSUBSCRIBED', `The subscription to ${channel} was ended.`),
        );
        if (holds.size === 0) this.schedule(channel);
      },
    };
  }

  /** Ends the connection and every subscription. */
  async close(): Promise<void> {
    for (const { name, holds } of this.channels.values()) {
      for (const hold of holds) {
        hold.reject(
          new RedisError('not-executed', 'CLOSED', `The subscription to ${name} ended with the kit.`),
        );
      }
      holds.clear();
    }
    this.channels.clear();
    await this.manager.close();
    this.emitter.removeAllListeners();
  }

  private begin(connection: OneLifeConnection): void {
    connection.redis.on('message', (channel: string, message: string) => {
      this.deliver(channel, message);
    });
    this.changed.clear();
    for (const { name, holds } of [...this.channels.values()]) {
      if (holds.size === 0) this.channels.delete(name);
    }
    void this.listen(connection, [...this.channels.keys()]).then((complete) => {
      if (!complete) return;
      this.listening = true;
      if (this.everListened) this.emitter.emit('gap');
      this.everListened = true;
    });
  }

  /** Many changes of one turn of the event loop become one command. */
  private schedule(channel: string): void {
    this.changed.add(channel);
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    queueMicrotask(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    const connection = this.manager.current;
    // Without a connection nothing is due: the next one begins with what is wanted then.
    if (connection === undefined) return;
    const wanted: string[] = [];
    const unwanted: string[] = [];
    for (const name of this.changed) {
      const state = this.channels.get(name);
      if (state !== undefined && state.holds.size > 0) {
        if (!this.sent.has(name)) wanted.push(name);
      } else {
        this.channels.delete(name);
        if (this.sent.delete(name)) unwanted.push(name);
      }
    }
    this.changed.clear();
    if (unwanted.length > 0) connection.redis.unsubscribe(...unwanted).catch(() => undefined);
    void this.listen(connection, wanted);
  }

  /** True when the server has confirmed all of them on this connection. */
  private async listen(connection: OneLifeConnection, names: string[]): Promise<boolean> {
    const commands: Promise<boolean>[] = [];
    for (let start = 0; start < names.length; start += CHANNELS_PER_COMMAND) {
      const chunk = names.slice(start, start + CHANNELS_PER_COMMAND);
      for (const name of chunk) this.sent.add(name);
      commands.push(this.subscribeChunk(connection, chunk));
    }
    const results = await Promise.all(commands);
    return results.every(Boolean) && this.manager.current === connection;
  }

  private async subscribeChunk(connection: OneLifeConnection, names: string[]): Promise<boolean> {
    const states = names.map((name) => this.channels.get(name));
    try {
      await connection.redis.subscribe(...names);
    } catch (error) {
      const failure = toRedisError(error, 'SUBSCRIBE');
      // A lost connection is not the end of it: the next one subscribes again.
      if (failure.outcome === 'unknown' || !connection.isWritable()) return false;
      for (const state of states) for (const hold of state?.holds ?? []) hold.reject(failure);
      return true;
    }
    if (this.manager.current !== connection) return false;
    for (const state of states) {
      if (state === undefined || !this.sent.has(state.name)) continue;
      state.confirmed = true;
      for (const hold of state.holds) hold.resolve();
    }
    return true;
  }

  private deliver(channel: string, message: string): void {
    for (const { listener } of [...(this.channels.get(channel)?.holds ?? [])]) {
      try {
        listener(message);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }
}
