/**
 * Commands for a cluster: each goes to the master that has its keys, at most once. A server that refuses a command
 * because the slot is elsewhere has not executed it, so it is sent there; nothing else is ever sent again.
 */
import type { Command } from 'ioredis';

import { ClusterNodes } from './cluster-nodes.js';
import type { ClusterNode } from './cluster-nodes.js';
import { slotOf } from './cluster-slots.js';
import type { SlotMap } from './cluster-slots.js';
import type { ClusterTopology } from './cluster-topology.js';
import type { CommandSink, RedisArgument } from './command-channel.js';
import { CommandFactory } from './command-factory.js';
import type { Dialer } from './dialer.js';
import { DispatchingChannel } from './dispatching-channel.js';
import type { ExclusiveRouter } from './exclusive-pool.js';
import { ReadinessWaiters } from './readiness-waiters.js';
import type { NodeAddress } from './redis-address.js';
import { isMoved, RedisError, toRedisError } from '../redis-error.js';

/** Times that a command is sent elsewhere: the map may be old (MOVED), and the slot be moving just now (ASK). */
const MAX_REDIRECTIONS = 3;
/** Failures that hint at a change of the cluster. */
const HINTS = new Set(['CLUSTERDOWN', 'NOT_CONNECTED', 'CONNECTION_LOST']);
/** Nobody waits for the answer to ASKING: the command behind it tells all there is to tell. */
const IGNORED: CommandSink = { onReply: () => undefined, onFailure: () => undefined };

/** What a cluster tells of itself. Called synchronously; must not throw. */
export interface ClusterCommandsEvents {
  /** Every master can be reached. */
  onReady(): void;
  /** One cannot any more. */
  onLost(reason: string): void;
  /** An attempt to connect has failed while there is no connection to any master. */
  onConnectFailed(reason: string): void;
}

export class ClusterCommands extends DispatchingChannel implements ExclusiveRouter {
  private readonly nodes: ClusterNodes;
  private readonly factory: CommandFactory;
  private readonly waiters: ReadinessWaiters;
  private isServing = false;
  private isClosed = false;
  private turn = 0;

  constructor(
    private readonly dialer: Dialer,
    private readonly topology: ClusterTopology,
    private readonly events: ClusterCommandsEvents,
  ) {
    super(dialer.settings.operationTimeoutMs);
    this.factory = new CommandFactory(dialer.settings.keyPrefix);
    this.nodes = new ClusterNodes(dialer, {
      onReady: () => {
        this.judge('');
      },
      onLost: (reason) => {
        topology.request();
        this.judge(reason);
      },
      onConnectFailed: (reason) => {
        topology.request();
        this.judge(reason);
        this.reportFailure(reason);
      },
    });
    this.waiters = new ReadinessWaiters({
      target: dialer.settings.displayUrl,
      get failure() {
        return topology.failure;
      },
    });
    topology.preferMembers(() => this.nodes.ready);
    topology.onChange((map) => {
      this.nodes.keepOnly(map.masters);
      this.judge('the cluster has changed');
    });
    topology.onFailed((reason) => {
      this.reportFailure(reason);
    });
  }

  /** True when every master can be reached: while one is away, a part of the keys is. */
  get isReady(): boolean {
    return this.isServing;
  }

  /** Connections so far, to all masters together. */
  get epoch(): number {
    return this.nodes.epoch;
  }

  /** The masters, each with a channel that leads to it alone. Empty while the cluster has not answered. */
  get masters(): readonly ClusterNode[] {
    const masters = this.topology.slots?.masters ?? [];
    return masters.map((node) => ({ node, channel: this.nodes.of(node) }));
  }

  /** Starts connecting. */
  start(): void {
    this.topology.start();
  }

  dispatch(name: string, args: readonly RedisArgument[], sink: CommandSink): void {
    let command: Command | undefined;
    let node: NodeAddress;
    try {
      command = this.factory.make(name, args);
      node = this.nodeForCommand(command);
    } catch (error) {
      command?.promise.catch(() => undefined);
      sink.onFailure(toRedisError(error, name));
      return;
    }
    const routed = new RoutedCommand(name, args, sink, node, this.goOn);
    const channel = this.nodes.of(node);
    if (channel.isReady || !this.nodes.isNew(node)) channel.send(command, routed);
    else this.sendWhenConnected(routed, false);
  }

  async waitReady(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.isServing) await this.waiters.wait(deadlineMs, signal);
  }

  nodeFor(key: string | Buffer | undefined): NodeAddress {
    const { keyPrefix } = this.dialer.settings;
    const prefixed = keyPrefix === '' || key === undefined ? key : `${keyPrefix}${key.toString()}`;
    return this.nodeForSlot(prefixed === undefined ? undefined : slotOf(prefixed), 'The command');
  }

  moved(error: RedisError, by: NodeAddress): void {
    this.topology.learn(error, by);
  }

  protected async closeConnections(): Promise<void> {
    this.isClosed = true;
    this.waiters.close();
    await this.topology.close();
    await this.nodes.close();
  }

  private nodeForCommand(command: Command): NodeAddress {
    let slot: number | undefined;
    for (const key of command.getKeys() as (string | Buffer | undefined)[]) {
      // Arguments are missing: the server says what is wrong with them.
      if (key === undefined) continue;
      const other = slotOf(key);
      if (slot !== undefined && other !== slot) {
        throw new RedisError(
          'definitive',
          'CROSSSLOT',
          `${command.name} was not sent: its keys are in different slots (${String(slot)}, ${String(other)}). ` +
            'Give keys that are used together the same part in braces.',
        );
      }
      slot = other;
    }
    return this.nodeForSlot(slot, command.name);
  }

  private nodeForSlot(slot: number | undefined, name: string): NodeAddress {
    if (this.isClosed) throw notSent(name, 'CLOSED', 'the kit is closed');
    const { slots } = this.topology;
    if (slots === undefined) {
      const { displayUrl } = this.dialer.settings;
      throw notSent(
        name,
        'NOT_CONNECTED',
        `there is no connection to ${displayUrl} (${this.topology.failure})`,
      );
    }
    const node = slot === undefined ? this.anyMaster(slots) : slots.ownerOf(slot);
    if (node !== undefined) return node;
    this.topology.request();
    throw notSent(name, 'CLUSTERDOWN', `no server of the cluster has slot ${String(slot)}`);
  }

  /** One after the other, of those that can be reached. */
  private anyMaster({ masters }: SlotMap): NodeAddress | undefined {
    const { ready } = this.nodes;
    this.turn += 1;
    return ready.length > 0 ? ready[this.turn % ready.length]?.node : masters[this.turn % masters.length];
  }

  /** A server has refused the command, or could not be asked. */
  private readonly goOn = (routed: RoutedCommand, error: RedisError): void => {
    if (HINTS.has(error.code)) this.topology.request();
    const isRedirected = isMoved(error) && routed.redirections < MAX_REDIRECTIONS;
    const redirection = isRedirected ? this.topology.learn(error, routed.node) : undefined;
    if (redirection === undefined) {
      routed.sink.onFailure(error);
      return;
    }
    routed.redirections += 1;
    routed.node = redirection.node;
    this.sendWhenConnected(routed, error.code === 'ASK');
  };

  private sendWhenConnected(routed: RoutedCommand, isAsking: boolean): void {
    const channel = this.nodes.of(routed.node);
    const send = (): void => {
      let command: Command;
      try {
        command = this.factory.make(routed.name, routed.args);
      } catch (error) {
        routed.sink.onFailure(toRedisError(error, routed.name));
        return;
      }
      // Both in one turn, so that nothing comes between them on the connection.
      if (isAsking) channel.dispatch('ASKING', [], IGNORED);
      channel.send(command, routed);
    };
    if (channel.isReady) send();
    else {
      channel.waitReady(this.dialer.settings.connectTimeoutMs).then(send, (error: unknown) => {
        routed.sink.onFailure(toRedisError(error, routed.name));
      });
    }
  }

  private judge(reason: string): void {
    if (this.isClosed) return;
    const masters = this.topology.slots?.masters ?? [];
    const isServing = masters.length > 0 && this.nodes.serve(masters) && this.nodes.ready.length > 0;
    if (isServing === this.isServing) return;
    this.isServing = isServing;
    if (isServing) {
      this.events.onReady();
      this.waiters.release();
    } else this.events.onLost(reason);
  }

  private reportFailure(reason: string): void {
    if (!this.isClosed && this.nodes.ready.length === 0) this.events.onConnectFailed(reason);
  }
}

/** A command on its way: remembers where it was sent, in case that it must be sent elsewhere. */
class RoutedCommand implements CommandSink {
  redirections = 0;

  constructor(
    readonly name: string,
    readonly args: readonly RedisArgument[],
    readonly sink: CommandSink,
    /** Where it is now. */
    public node: NodeAddress,
    private readonly onRefused: (routed: RoutedCommand, error: RedisError) => void,
  ) {}

  onReply(reply: unknown): void {
    this.sink.onReply(reply);
  }

  onFailure(error: RedisError): void {
    this.onRefused(this, error);
  }
}

function notSent(name: string, code: string, why: string): RedisError {
  return new RedisError('not-executed', code, `${name} was not sent: ${why}.`);
}
