/**
 * The bus of single mode: producer and readers are one process.
 */
import type { NumberedRunEvent } from '@longrun/contracts';
import type { BusMessage, BusSubscription, RunEventBus, ThreadNews } from './run-event-bus.js';

type Listener<T> = (message: T) => void;

export class InProcessEventBus implements RunEventBus {
  readonly #runs = new Channels<BusMessage>();
  readonly #threads = new Channels<ThreadNews>();
  readonly isLive = true;

  publish(runId: string, events: readonly NumberedRunEvent[]): void {
    this.#runs.publish(runId, { kind: 'events', events });
  }

  subscribe(runId: string, listener: Listener<BusMessage>): BusSubscription {
    return this.#runs.subscribe(runId, listener);
  }

  tellThread(threadId: string, what: ThreadNews): void {
    this.#threads.publish(threadId, what);
  }

  subscribeThread(threadId: string, listener: Listener<ThreadNews>): BusSubscription {
    return this.#threads.subscribe(threadId, listener);
  }

  onGap(): () => void {
    return () => undefined;
  }

  async readTail(): Promise<NumberedRunEvent[]> {
    return [];
  }
}

class Channels<T> {
  readonly #listeners = new Map<string, Set<Listener<T>>>();

  publish(channel: string, message: T): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(message);
  }

  subscribe(channel: string, listener: Listener<T>): BusSubscription {
    const listeners = this.#listeners.get(channel) ?? new Set<Listener<T>>();
    listeners.add(listener);
    this.#listeners.set(channel, listeners);
    const unsubscribe = (): void => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel);
    };
    return { ready: Promise.resolve(), unsubscribe };
  }
}
