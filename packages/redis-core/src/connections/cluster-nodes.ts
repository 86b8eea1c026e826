/**
 * One command connection for every master of a cluster: made when a master appears, and closed when it has no slots any
 * more and what was in flight has had its time.
 */
import type { ClusterMember } from './cluster-topology.js';
import { CommandConnection } from './command-connection.js';
import type { Dialer } from './dialer.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';

/** A master and the way to it. */
export interface ClusterNode extends ClusterMember {
  readonly channel: CommandConnection;
}

interface Entry extends ClusterNode {
  /** It has never been connected, and no attempt has failed: there is nothing to complain of yet. */
  isNew: boolean;
  /** Set while it has no slots and is about to be closed. */
  retirement: NodeJS.Timeout | undefined;
}

/** What the connections tell, of whichever master. Called synchronously; must not throw. */
export interface ClusterNodeEvents {
  onReady(): void;
  onLost(reason: string): void;
  onConnectFailed(reason: string): void;
}

export class ClusterNodes {
  private readonly entries = new Map<string, Entry>();
  /** The same by the objects of the map in use: every command looks here, and making a name costs more than that. */
  private readonly byAddress = new WeakMap<NodeAddress, CommandConnection>();
  private readonly closings = new Set<Promise<void>>();
  private isClosed = false;
  private lives = 0;

  constructor(
    private readonly dialer: Dialer,
    private readonly events: ClusterNodeEvents,
  ) {}

  /** Connections so far, of all masters together. */
  get epoch(): number {
    return this.lives;
  }

  /** Masters that commands can be sent to. */
  get ready(): readonly ClusterNode[] {
    return [...this.entries.values()].filter(({ channel }) => channel.isReady);
  }

  /** True when commands for these servers can be sent, or wait only for the first connection to one of them. */
  serve(nodes: readonly NodeAddress[]): boolean {
    return nodes.every((node) => {
      const entry = this.entries.get(nodeName(node));
      return entry !== undefined && (entry.channel.isReady || entry.isNew);
    });
  }

  /** True when a server has just appeared: its first connection is being opened. */
  isNew(node: NodeAddress): boolean {
    return this.entries.get(nodeName(node))?.isNew === true;
  }

  /** The way to a server, opened if there was none. */
  of(node: NodeAddress): CommandConnection {
    const known = this.byAddress.get(node);
    if (known !== undefined && !known.isClosed) return known;
    const channel = this.byName(node);
    this.byAddress.set(node, channel);
    return channel;
  }

  /** Opens the ways to these servers, and closes all others after a while. */
  keepOnly(nodes: readonly NodeAddress[]): void {
    const names = new Set(nodes.map(nodeName));
    for (const node of nodes) this.of(node);
    for (const [name, entry] of this.entries) {
      if (names.has(name)) {
        clearTimeout(entry.retirement);
        entry.retirement = undefined;
      } else {
        entry.retirement ??= setTimeout(() => {
          this.entries.delete(name);
          const closing = entry.channel.close().finally(() => this.closings.delete(closing));
          this.closings.add(closing);
        }, this.dialer.settings.operationTimeoutMs);
      }
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const all = [...this.entries.values()];
    for (const { retirement } of all) clearTimeout(retirement);
    await Promise.all([...all.map(({ channel }) => channel.close()), ...this.closings]);
  }

  private byName(node: NodeAddress): CommandConnection {
    const name = nodeName(node);
    const existing = this.entries.get(name);
    if (existing !== undefined) return existing.channel;
    const channel = new CommandConnection(
      this.dialer,
      {
        onReady: () => {
          entry.isNew = false;
          this.lives += 1;
          this.events.onReady();
        },
        onLost: (reason) => {
          this.events.onLost(`${name}: ${reason}`);
        },
        onConnectFailed: (reason) => {
          entry.isNew = false;
          this.events.onConnectFailed(`${name}: ${reason}`);
        },
      },
      node,
    );
    const entry: Entry = { node, channel, isNew: true, retirement: undefined };
    this.entries.set(name, entry);
    if (this.isClosed) void channel.close();
    else channel.start();
    return channel;
  }
}
