/**
 * One connection that listens, and the channels that are wanted on it: after every reconnect it subscribes to them again.
 * In a cluster it leads to one master, and the channels are sharded: each belongs to the server that has its slot.
 */
import { slotOf } from './cluster-slots.js';
import { ConnectionManager } from './connection-manager.js';
import type { Dialer } from './dialer.js';
import type { OneLifeConnection } from './one-life-connection.js';
import type { NodeAddress } from './redis-address.js';
import { toRedisError } from '../redis-error.js';
import type { RedisError } from '../redis-error.js';
import { SUBSCRIBER_PING_INTERVAL_MS } from '../redis-settings.js';

/** Channels per SUBSCRIBE command when there are very many. */
const CHANNELS_PER_COMMAND = 500;
/** Pause before a subscription that the server could not serve just then is tried again. */
const RETRY_MS = 200;

/** What a link tells its owner. Called synchronously; must not throw. */
export interface ChannelLinkEvents {
  onMessage(channel: string, message: string): void;
  /** The server has confirmed these. */
  onConfirmed(link: ChannelLink, names: readonly string[]): void;
  /** The server will not have these. */
  onRefused(names: readonly string[], failure: RedisError): void;
  /** The connection is lost, or the server may have dropped some channels: nothing is confirmed any more. */
  onUnconfirmed(link: ChannelLink): void;
  /** The server could not serve a subscription just then; without an error it has dropped some by itself. */
  onDisturbed(link: ChannelLink, error?: RedisError): void;
}

export class ChannelLink {
  private readonly manager: ConnectionManager;
  private readonly isSharded: boolean;
  private readonly wanted = new Set<string>();
  /** Channels that the server will be subscribed to once it has executed everything sent on this connection. */
  private sent = new Set<string>();
  /** Those of them of which it has said so. */
  private confirmed = new Set<string>();
  private readonly changed = new Set<string>();
  private flushScheduled = false;
  private listening = false;
  private retryTimer: NodeJS.Timeout | undefined;

  /** @param node which master of a cluster; elsewhere the address says it, and channels are not sharded */
  constructor(
    dialer: Dialer,
    private readonly events: ChannelLinkEvents,
    readonly node?: NodeAddress,
  ) {
    this.isSharded = node !== undefined;
    this.manager = new ConnectionManager(
      dialer,
      'subscriber',
      SUBSCRIBER_PING_INTERVAL_MS,
      {
        onReady: (connection) => {
          this.begin(connection);
        },
        onLost: () => {
          this.forget();
        },
        // A server of a cluster that is away is noticed by its command connection.
        onConnectFailed: () => undefined,
      },
      node,
    );
  }

  /** True while everything that is wanted is subscribed on a live connection. */
  get isListening(): boolean {
    return this.listening && this.manager.current !== undefined;
  }

  get isEmpty(): boolean {
    return this.wanted.size === 0;
  }

  /** Starts connecting. */
  start(): void {
    this.manager.start();
  }

  want(name: string): void {
    this.wanted.add(name);
    this.schedule(name);
  }

  unwant(name: string): void {
    this.wanted.delete(name);
    this.schedule(name);
  }

  async close(): Promise<void> {
    clearTimeout(this.retryTimer);
    await this.manager.close();
    clearTimeout(this.retryTimer);
  }

  private begin(connection: OneLifeConnection): void {
    const { redis } = connection;
    redis.on(this.isSharded ? 'smessage' : 'message', (channel: string, message: string) => {
      this.events.onMessage(channel, message);
    });
    // ioredis tells so when the server has ended a subscription because the slot has gone, but not which.
    if (this.isSharded) {
      redis.on('moved', () => {
        if (this.manager.current !== connection) return;
        this.events.onDisturbed(this);
        this.subscribeAnew();
      });
    }
    this.changed.clear();
    void this.listen(connection, [...this.wanted]);
  }

  /** Nothing is subscribed any more. */
  private forget(): void {
    clearTimeout(this.retryTimer);
    this.listening = false;
    this.sent = new Set();
    this.confirmed = new Set();
    this.events.onUnconfirmed(this);
  }

  /** Asks for everything that is wanted, whether the server has it or not. */
  private subscribeAnew(): void {
    this.forget();
    for (const name of this.wanted) this.schedule(name);
  }

  /** Many changes of one turn of the event loop become one command. */
  private schedule(name: string): void {
    this.changed.add(name);
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
    const joining: string[] = [];
    const staying: string[] = [];
    const leaving: string[] = [];
    for (const name of this.changed) {
      if (this.wanted.has(name)) {
        if (!this.sent.has(name)) joining.push(name);
        else if (this.confirmed.has(name)) staying.push(name);
      } else if (this.sent.delete(name)) {
        this.confirmed.delete(name);
        leaving.push(name);
      }
    }
    this.changed.clear();
    // Left and joined within a turn: the server has not noticed.
    if (staying.length > 0) this.events.onConfirmed(this, staying);
    for (const names of this.inCommands(leaving)) {
      const left = this.isSharded
        ? connection.redis.sunsubscribe(...names)
        : connection.redis.unsubscribe(...names);
      left.catch(() => undefined);
    }
    void this.listen(connection, joining);
  }

  private async listen(connection: OneLifeConnection, names: string[]): Promise<void> {
    const commands = this.inCommands(names);
    for (const name of names) this.sent.add(name);
    let undecided = commands.length;
    if (undecided === 0) this.listening = true;
    await Promise.all(
      commands.map(async (some) => {
        const decision = await this.subscribe(connection, some);
        if (decision === undefined) return;
        undecided -= 1;
        // Before anybody is told: who hears of the last one asks whether all are there.
        if (undecided === 0) this.listening = true;
        decision();
      }),
    );
  }

  /** What to tell when the server has decided about all of them; undefined when it has not. */
  private async subscribe(connection: OneLifeConnection, names: string[]): Promise<(() => void) | undefined> {
    try {
      await (this.isSharded ? connection.redis.ssubscribe(...names) : connection.redis.subscribe(...names));
    } catch (error) {
      const failure = toRedisError(error, this.isSharded ? 'SSUBSCRIBE' : 'SUBSCRIBE');
      // A lost connection is not the end of it: the next one subscribes again.
      if (this.manager.current !== connection || failure.outcome === 'unknown') return undefined;
      for (const name of names) this.sent.delete(name);
      if (failure.outcome === 'not-executed') {
        this.tryAgain(names, failure);
        return undefined;
      }
      return () => {
        this.events.onRefused(names, failure);
      };
    }
    if (this.manager.current !== connection) return undefined;
    const confirmed = names.filter((name) => this.sent.has(name));
    for (const name of confirmed) this.confirmed.add(name);
    return () => {
      this.events.onConfirmed(this, confirmed);
    };
  }

  private tryAgain(names: readonly string[], failure: RedisError): void {
    this.events.onDisturbed(this, failure);
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      // Those that the owner has moved to another link in the meantime are not wanted any more.
      for (const name of names) this.changed.add(name);
      for (const name of this.wanted) if (!this.sent.has(name)) this.changed.add(name);
      this.flush();
    }, RETRY_MS);
  }

  /** Sharded channels of one command must be of one slot. */
  private inCommands(names: readonly string[]): string[][] {
    if (!this.isSharded) {
      const count = Math.ceil(names.length / CHANNELS_PER_COMMAND);
      return Array.from({ length: count }, (_, i) =>
        names.slice(i * CHANNELS_PER_COMMAND, (i + 1) * CHANNELS_PER_COMMAND),
      );
    }
    const bySlot = new Map<number, string[]>();
    for (const name of names) {
      const slot = slotOf(name);
      const some = bySlot.get(slot);
      if (some === undefined) bySlot.set(slot, [name]);
      else some.push(name);
    }
    return [...bySlot.values()];
  }
}
