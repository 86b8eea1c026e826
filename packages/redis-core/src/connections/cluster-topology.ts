/**
 * Keeps the map of a cluster's slots up to date: asks at the start, whenever something hints at a change, and now and
 * then. One question at a time; several servers are asked at once, so that one that is away costs no time.
 */
import { EventEmitter } from 'node:events';

import type { CommandChannel } from './command-channel.js';
import { parseRedirection, parseSlots } from './cluster-slots.js';
import type { Redirection, SlotMap } from './cluster-slots.js';
import type { Dialer } from './dialer.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { pause } from './pause.js';
import { reconnectDelayMs } from './reconnect-backoff.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';
import { RedisError } from '../redis-error.js';

/** How often the map is read when nothing hints at a change. */
const REFRESH_MS = 30_000;
/** Shortest time between two readings, however many hints there are. */
const REFRESH_PAUSE_MS = 100;
/** Servers that are asked at once. */
const ASKED_AT_ONCE = 3;

/** A server that can be asked without a new connection. */
export interface ClusterMember {
  readonly node: NodeAddress;
  readonly channel: Pick<CommandChannel, 'call'>;
}

interface TopologyEvents {
  change: [map: SlotMap, slot: number | undefined];
  failed: [reason: string];
}

export class ClusterTopology {
  private map: SlotMap | undefined;
  private loop: Promise<void> | undefined;
  private lastFailure = 'not asked yet';
  private readonly closing = new AbortController();
  private wake: (() => void) | undefined;
  private isRequested = false;
  /** Questions on connections of their own that are not over yet. */
  private readonly asking = new Set<Promise<unknown>>();

  private readonly emitter = new EventEmitter<TopologyEvents>();
  /** Those that are connected at the moment. */
  private members: () => readonly ClusterMember[] = () => [];

  constructor(private readonly dialer: Dialer) {}

  /** Asks these rather than open connections for asking. */
  preferMembers(members: () => readonly ClusterMember[]): void {
    this.members = members;
  }

  /** Told of every map that was read, and of every slot that was learnt to be elsewhere. Must not throw. */
  onChange(listener: (map: SlotMap, slot: number | undefined) => void): void {
    this.emitter.on('change', listener);
  }

  /** Told when nobody has answered, with the reasons. Must not throw. */
  onFailed(listener: (reason: string) => void): void {
    this.emitter.on('failed', listener);
  }

  /** Undefined until the first answer. */
  get slots(): SlotMap | undefined {
    return this.map;
  }

  /** Why there is no map, for messages. */
  get failure(): string {
    return this.lastFailure;
  }

  /** Starts asking, and never stops until {@link close}. Safe to call twice. */
  start(): void {
    if (this.closing.signal.aborted) return;
    this.loop ??= this.keepUpToDate();
  }

  /** The map may be out of date. */
  request(): void {
    this.isRequested = true;
    this.wake?.();
  }

  /**
   * Notes what a server has said about a slot, and asks for the rest.
   *
   * @param by the server that said so
   * @returns where to go; undefined when the error is no redirection
   */
  learn(error: unknown, by: NodeAddress): Redirection | undefined {
    const redirection = redirectionOf(error, by);
    if (redirection === undefined) return undefined;
    this.request();
    const { slot, node } = redirection;
    // With ASK the slot is still where it was; only the key is not.
    const isForGood = error instanceof RedisError && error.code === 'MOVED';
    const owner = this.map?.ownerOf(slot);
    if (isForGood && this.map !== undefined && (owner === undefined || nodeName(owner) !== nodeName(node))) {
      this.map.assign(slot, slot, node);
      this.emitter.emit('change', this.map, slot);
    }
    return redirection;
  }

  /** Resolves when nothing is asked any more. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
    await Promise.allSettled([...this.asking]);
  }

  private async keepUpToDate(): Promise<void> {
    const { signal } = this.closing;
    let failures = 0;
    while (!signal.aborted) {
      this.isRequested = false;
      try {
        this.map = await this.ask();
        failures = 0;
        this.emitter.emit('change', this.map, undefined);
      } catch (error) {
        failures += 1;
        this.lastFailure = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) this.emitter.emit('failed', this.lastFailure);
      }
      // A hint is no reason to ask those again at once who have just not answered.
      await pause(failures > 0 ? reconnectDelayMs(failures) : REFRESH_PAUSE_MS, signal);
      if (failures === 0) await this.untilRequested();
    }
  }

  private async untilRequested(): Promise<void> {
    if (this.isRequested) return;
    const woken = new AbortController();
    this.wake = () => {
      woken.abort();
    };
    await pause(REFRESH_MS, AbortSignal.any([this.closing.signal, woken.signal]));
    this.wake = undefined;
  }

  private async ask(): Promise<SlotMap> {
    const members = shuffled(this.members()).slice(0, ASKED_AT_ONCE);
    const reasons: string[] = [];
    if (members.length > 0) {
      const answer = await firstOf(members.map(({ node, channel }) => askMember(node, channel)));
      if (answer.map !== undefined) return answer.map;
      reasons.push(...answer.reasons);
    }
    const strangers = this.everyNode();
    for (let start = 0; start < strangers.length && !this.closing.signal.aborted; start += ASKED_AT_ONCE) {
      const group = strangers.slice(start, start + ASKED_AT_ONCE);
      const answered = new AbortController();
      const signal = AbortSignal.any([this.closing.signal, answered.signal]);
      const answer = await firstOf(group.map((node) => this.askStranger(node, signal)));
      // The first answer will do.
      answered.abort();
      if (answer.map !== undefined) return answer.map;
      reasons.push(...answer.reasons);
    }
    throw new Error(`no server of the cluster tells its slots (${reasons.join('; ')})`);
  }

  /** All that are known and those that the URL names, in any order. */
  private everyNode(): NodeAddress[] {
    const { address } = this.dialer.settings;
    const seeds = address.kind === 'cluster' ? address.seeds : [];
    const known = [...(this.map?.masters ?? []), ...(this.map?.replicas ?? []), ...seeds];
    return shuffled([...new Map(known.map((node) => [nodeName(node), node])).values()]);
  }

  private async askStranger(node: NodeAddress, signal: AbortSignal): Promise<SlotMap> {
    const question = this.askOnce(node, signal);
    this.asking.add(question);
    try {
      return await question;
    } finally {
      this.asking.delete(question);
    }
  }

  private async askOnce(node: NodeAddress, signal: AbortSignal): Promise<SlotMap> {
    let connection: OneLifeConnection;
    try {
      connection = await this.dialer.open('topology', signal, node);
    } catch (error) {
      throw withName(node, error);
    }
    const { redis, ended, destroy } = connection;
    const cut = (): void => {
      destroy('another server was faster');
    };
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    try {
      return await askMember(node, { call: (name, ...args) => redis.call(name, ...args) });
    } finally {
      signal.removeEventListener('abort', cut);
      destroy('answered');
      await ended;
    }
  }
}

async function askMember(node: NodeAddress, channel: Pick<CommandChannel, 'call'>): Promise<SlotMap> {
  try {
    return parseSlots(await channel.call('CLUSTER', 'SLOTS'), node.host);
  } catch (error) {
    throw withName(node, error);
  }
}

async function firstOf(answers: Promise<SlotMap>[]): Promise<{ map?: SlotMap; reasons: string[] }> {
  try {
    return { map: await Promise.any(answers), reasons: [] };
  } catch (error) {
    return { reasons: (error as AggregateError).errors.map((one: Error) => one.message) };
  }
}

function withName(node: NodeAddress, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`${nodeName(node)}: ${reason}`, { cause: error });
}

/** What the server has said is the innermost cause. */
function redirectionOf(error: unknown, by: NodeAddress): Redirection | undefined {
  if (!(error instanceof Error)) return undefined;
  return parseRedirection(error.message, by.host) ?? redirectionOf(error.cause, by);
}

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
