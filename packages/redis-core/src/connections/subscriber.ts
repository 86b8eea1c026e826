/**
 * Listening: any number of channels and listeners, one subscription per channel. On one connection; in a cluster on one
 * per master that has channels, which move when their slots do.
 *
 * Pub/sub forgets what is published while nobody listens. So the subscriber promises two things: a subscription's
 * `ready` means that the server has confirmed it, and `gap` says, after a reconnect or a move, when it listens again:
 * whoever needs every message reads what it missed from elsewhere then.
 */
import { EventEmitter } from 'node:events';

import { ChannelLink } from './channel-link.js';
import { slotOf } from './cluster-slots.js';
import type { ClusterTopology } from './cluster-topology.js';
import type { Dialer } from './dialer.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';
import { RedisError } from '../redis-error.js';
import { SUBSCRIBER_IDLE_MS } from '../redis-settings.js';

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
  /** In a cluster. */
  readonly slot: number;
  readonly holds: Set<Hold>;
  /** Where it is, or is to be, subscribed; undefined while no server has its slot. */
  link: ChannelLink | undefined;
  /** The server has confirmed it on the present connection. */
  confirmed: boolean;
  /** It was confirmed before and is not now: what is published is missed. */
  lost: boolean;
}

export class Subscriber {
  private readonly channels = new Map<string, Channel>();
  /** By the name of their server; there is one, without a name, when it is not a cluster. */
  private readonly links = new Map<string, ChannelLink>();
  /** Channels that are lost, by where they are to be subscribed again. */
  private readonly lostCounts = new Map<ChannelLink, number>();
  /** Links on which some of the lost channels are back. */
  private readonly recovering = new Set<ChannelLink>();
  private readonly idleTimers = new Map<string, NodeJS.Timeout>();
  private readonly closings = new Set<Promise<void>>();
  private readonly emitter = new EventEmitter<{ gap: [] }>();
  private isStarted = false;
  private isClosed = false;

  /**
   * @param onListenerError told when a listener throws; the other listeners are called all the same
   * @param topology of a cluster
   */
  constructor(
    private readonly dialer: Dialer,
    private readonly onListenerError: (error: unknown) => void,
    private readonly topology?: ClusterTopology,
  ) {
    this.emitter.setMaxListeners(0);
    if (topology === undefined) this.linkTo(undefined);
    topology?.onChange((_map, slot) => {
      for (const channel of this.channels.values()) {
        if (slot === undefined || channel.slot === slot) this.place(channel);
      }
    });
  }

  /** True while every channel that was confirmed before is subscribed on a live connection. */
  get isReady(): boolean {
    if (this.topology !== undefined && this.topology.slots === undefined) return false;
    for (const link of this.links.values()) if (!link.isEmpty && !link.isListening) return false;
    return this.topology !== undefined || this.linkTo(undefined).isListening;
  }

  /** Channels with at least one listener. */
  get channelCount(): number {
    return this.channels.size;
  }

  /** Starts connecting. */
  start(): void {
    this.isStarted = true;
    for (const link of this.links.values()) link.start();
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
      const slot = this.topology === undefined ? -1 : slotOf(channel);
      state = { name: channel, slot, holds: new Set(), link: undefined, confirmed: false, lost: false };
      this.channels.set(channel, state);
    }
    const { holds, confirmed } = state;
    const owner = state;
    let hold: Hold | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      hold = { listener, resolve, reject };
      holds.add(hold);
      if (confirmed) resolve();
    });
    ready.catch(() => undefined);
    if (this.isClosed) this.reject(owner, 'CLOSED', 'ended with the kit');
    else if (!confirmed) this.place(owner);
    return {
      ready,
      unsubscribe: () => {
        if (hold === undefined || !holds.delete(hold)) return;
        hold.reject(
          new RedisError('not-executed', 'UNSUBSCRIBED', `The subscription to ${channel} was ended.`),
        );
        if (holds.size === 0) this.drop(owner);
      },
    };
  }

  /** Ends the connections and every subscription. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const channel of this.channels.values()) this.reject(channel, 'CLOSED', 'ended with the kit');
    this.channels.clear();
    for (const timer of this.idleTimers.values()) clearTimeout(timer);
    await Promise.all([...[...this.links.values()].map((link) => link.close()), ...this.closings]);
    this.emitter.removeAllListeners();
  }

  /** Sees to it that a channel is subscribed where it belongs. */
  private place(channel: Channel): void {
    const node = this.topology?.slots?.ownerOf(channel.slot);
    // Better where it was than nowhere.
    if (this.topology !== undefined && node === undefined) return;
    const link = this.linkTo(node);
    if (channel.link === link) return;
    const former = channel.link;
    const isLost = channel.confirmed || channel.lost;
    this.setLost(channel, false);
    channel.link = link;
    channel.confirmed = false;
    this.setLost(channel, isLost);
    link.want(channel.name);
    if (former === undefined) return;
    former.unwant(channel.name);
    this.endIfIdle(former);
  }

  /** Nobody listens to it any more. */
  private drop(channel: Channel): void {
    // A new subscription in the same turn begins with a new state, and may find the old one still subscribed.
    this.channels.delete(channel.name);
    const { link } = channel;
    this.setLost(channel, false);
    if (link === undefined) return;
    link.unwant(channel.name);
    this.endIfIdle(link);
  }

  private linkTo(node: NodeAddress | undefined): ChannelLink {
    const place = node === undefined ? '' : nodeName(node);
    clearTimeout(this.idleTimers.get(place));
    this.idleTimers.delete(place);
    const existing = this.links.get(place);
    if (existing !== undefined) return existing;
    const link = new ChannelLink(
      this.dialer,
      {
        onMessage: (channel, message) => {
          this.deliver(channel, message);
        },
        onConfirmed: (from, names) => {
          this.confirm(from, names);
        },
        onRefused: (names, failure) => {
          this.refuse(names, failure);
        },
        onUnconfirmed: (from) => {
          for (const channel of this.channels.values()) {
            if (channel.link !== from) continue;
            if (channel.confirmed) this.setLost(channel, true);
            channel.confirmed = false;
          }
        },
        onDisturbed: (from, error) => {
          this.topology?.request();
          if (error !== undefined && from.node !== undefined) this.topology?.learn(error, from.node);
        },
      },
      node,
    );
    this.links.set(place, link);
    if (this.isStarted) link.start();
    return link;
  }

  /** In a cluster: a server that has no channels, for a while, needs no connection. */
  private endIfIdle(link: ChannelLink): void {
    const { node } = link;
    if (node === undefined || !link.isEmpty) return;
    const place = nodeName(node);
    clearTimeout(this.idleTimers.get(place));
    const timer = setTimeout(() => {
      this.idleTimers.delete(place);
      this.links.delete(place);
      const closing = link.close().finally(() => this.closings.delete(closing));
      this.closings.add(closing);
    }, SUBSCRIBER_IDLE_MS);
    this.idleTimers.set(place, timer);
  }

  private confirm(link: ChannelLink, names: readonly string[]): void {
    for (const name of names) {
      const channel = this.channels.get(name);
      if (channel?.link !== link) continue;
      channel.confirmed = true;
      for (const hold of channel.holds) hold.resolve();
      if (!channel.lost) continue;
      this.recovering.add(link);
      this.setLost(channel, false);
    }
  }

  /** One gap is announced for all channels of a link together: when the last of them is back, or given up. */
  private setLost(channel: Channel, isLost: boolean): void {
    const { link } = channel;
    if (channel.lost === isLost || link === undefined) return;
    channel.lost = isLost;
    const count = (this.lostCounts.get(link) ?? 0) + (isLost ? 1 : -1);
    if (count > 0) {
      this.lostCounts.set(link, count);
      return;
    }
    this.lostCounts.delete(link);
    if (this.recovering.delete(link)) this.emitter.emit('gap');
  }

  private refuse(names: readonly string[], failure: RedisError): void {
    for (const name of names) {
      const channel = this.channels.get(name);
      if (channel === undefined) continue;
      this.setLost(channel, false);
      for (const hold of channel.holds) hold.reject(failure);
    }
  }

  private reject(channel: Channel, code: string, why: string): void {
    for (const hold of channel.holds) {
      hold.reject(new RedisError('not-executed', code, `The subscription to ${channel.name} ${why}.`));
    }
    channel.holds.clear();
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
