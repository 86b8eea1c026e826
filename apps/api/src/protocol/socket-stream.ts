/**
 * The events of all subscriptions of one WebSocket, as one stream in the order of the thread: clients pass every event of a connection to
 * whichever of their subscriptions wants it, so that no subscription may run ahead of another.
 *
 * A new subscription that begins further back holds the others up: the stream goes back to its beginning, and sends only what each lacks.
 */
import type { WebSocket } from '@fastify/websocket';
import type { ProtocolAddress } from '@longrun/contracts';
import { isWanted, type EventFilter } from './event-filter.js';
import type { ProtocolEvent } from './protocol-event.js';
import type { ProtocolError } from './protocol-error.js';
import { SocketSink } from './socket-sink.js';
import type { Following } from './thread-follower.js';
import { isBefore, type ThreadPlace } from './thread-place.js';

interface OpenSubscription {
  readonly filter: EventFilter;
  /** Up to here it has what it wants. */
  at: ThreadPlace;
}

export class SocketStream {
  readonly #subscriptions = new Map<string, OpenSubscription>();
  #sink: SocketSink | undefined;

  /**
   * @param start begins to follow the thread, until the sink is closed
   * @param onFailure the thread cannot be followed any further
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly start: (following: Following, sink: SocketSink) => void,
    private readonly onFailure: (refusal: ProtocolError | undefined) => void,
  ) {}

  get count(): number {
    return this.#subscriptions.size;
  }

  /** Adds a subscription, or gives one another beginning. */
  add(id: string, filter: EventFilter, from: ThreadPlace): void {
    this.#subscriptions.set(id, { filter, at: from });
    this.#restart();
  }

  /** False when there is none. */
  remove(id: string): boolean {
    const isRemoved = this.#subscriptions.delete(id);
    if (this.#subscriptions.size === 0) this.close();
    return isRemoved;
  }

  close(): void {
    this.#sink?.close();
    this.#sink = undefined;
  }

  #restart(): void {
    this.close();
    const all = [...this.#subscriptions.values()];
    const [from] = all.map(({ at }) => at).sort((one, other) => (isBefore(one, other) ? -1 : 1));
    if (from === undefined) return;
    const sink = new SocketSink(this.socket, {
      isLacked: (event) => this.#isLacked(event),
      passed: (place) => {
        for (const one of all) if (isBefore(one.at, place)) one.at = place;
      },
      onFailure: this.onFailure,
    });
    this.#sink = sink;
    const wants = (address: ProtocolAddress): boolean => all.some(({ filter }) => isWanted(filter, address));
    this.start({ from, wants }, sink);
  }

  /** Whether a subscription wants the event and does not have it; from here on it has. */
  #isLacked({ address, place }: ProtocolEvent): boolean {
    let isLacked = false;
    for (const one of this.#subscriptions.values()) {
      if (!isBefore(one.at, place) || !isWanted(one.filter, address)) continue;
      one.at = place;
      isLacked = true;
    }
    return isLacked;
  }
}
