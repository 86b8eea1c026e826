/**
 * Which server of a cluster has which slot, as the cluster itself tells it (CLUSTER SLOTS).
 */
import keySlot from 'cluster-key-slot';

import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';

/** Slots of every cluster. */
export const SLOT_COUNT = 16_384;
/** Entry of a slot that nobody has. */
const NOBODY = 0xffff;

/** Slot of a key or channel: of the part in braces, when there is one. */
export function slotOf(key: string | Buffer): number {
  return keySlot(key);
}

export class SlotMap {
  private readonly owners = new Uint16Array(SLOT_COUNT).fill(NOBODY);
  private readonly indexes = new Map<string, number>();
  private readonly owning: NodeAddress[] = [];
  private readonly replicaNodes = new Map<string, NodeAddress>();

  /** Servers that have, or had when this was read, slots. */
  get masters(): readonly NodeAddress[] {
    return this.owning;
  }

  /** Servers that copy those. */
  get replicas(): readonly NodeAddress[] {
    return [...this.replicaNodes.values()];
  }

  /** Undefined when no server has the slot, or none that could be reached. */
  ownerOf(slot: number): NodeAddress | undefined {
    const index = this.owners[slot];
    return index === undefined ? undefined : this.owning[index];
  }

  /** Gives slots from `first` to `last` to a server. */
  assign(first: number, last: number, node: NodeAddress): void {
    const name = nodeName(node);
    let index = this.indexes.get(name);
    if (index === undefined) {
      index = this.owning.push(node) - 1;
      this.indexes.set(name, index);
    }
    this.owners.fill(index, first, last + 1);
  }

  addReplica(node: NodeAddress): void {
    this.replicaNodes.set(nodeName(node), node);
  }
}

/**
 * Reads the answer to CLUSTER SLOTS.
 *
 * @param askedHost host of the server that answered: one that does not know its own address means the one it was
 *   reached under
 * @throws TypeError when it is not such an answer, or no server has a slot
 */
export function parseSlots(reply: unknown, askedHost: string): SlotMap {
  const map = new SlotMap();
  if (!Array.isArray(reply)) throw new TypeError('CLUSTER SLOTS was not answered by a list.');
  for (const range of reply as unknown[]) {
    const [first, last, ...nodes] = range as [unknown, unknown, ...unknown[]];
    const [master, ...replicas] = nodes.map((node) => parseNode(node, askedHost));
    if (!isSlot(first) || !isSlot(last)) throw new TypeError('CLUSTER SLOTS was answered without slots.');
    if (master !== undefined) map.assign(first, last, master);
    for (const replica of replicas) if (replica !== undefined) map.addReplica(replica);
  }
  if (map.masters.length === 0) throw new TypeError('no server of the cluster has a slot yet');
  return map;
}

/** Where an error of a cluster (`MOVED <slot> <host>:<port>`, or `ASK …`) sends the client. */
export interface Redirection {
  readonly slot: number;
  readonly node: NodeAddress;
}

/** @param askedHost as in {@link parseSlots} */
export function parseRedirection(message: string, askedHost: string): Redirection | undefined {
  const [, slot, host, port] = /^(?:MOVED|ASK) (\d+) (.*):(\d+)$/.exec(message) ?? [];
  if (slot === undefined || host === undefined || !isSlot(Number(slot)) || host === '?') return undefined;
  return {
    slot: Number(slot),
    node: { host: host === '' ? askedHost : host.replace(/^\[|\]$/g, ''), port: Number(port) },
  };
}

function parseNode(node: unknown, askedHost: string): NodeAddress | undefined {
  const [host, port] = node as [unknown, unknown];
  // `?` stands for a server whose name is not known.
  if (host === '?') return undefined;
  const isNamed = typeof host === 'string' && host !== '';
  return { host: isNamed ? host : askedHost, port: Number(port) };
}

function isSlot(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < SLOT_COUNT;
}
