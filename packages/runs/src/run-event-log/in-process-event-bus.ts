/**
 * The bus of single mode: producer and readers are one process.
 */
import type { NumberedRunEvent } from '@longrun/contracts';
import type { BusMessage, BusSubscription, RunEventBus } from './run-event-bus.js';

type Listener = (message: BusMessage) => void;

export class InProcessEventBus implements RunEventBus {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly isLive = true;

  publish(runId: string, events: readonly NumberedRunEvent[]): void {
    for (const listener of this.#listeners.get(runId) ?? []) listener({ kind: 'events', events });
  }

  subscribe(runId: string, listener: Listener): BusSubscription {
    const listeners = this.#listeners.get(runId) ?? new Set<Listener>();
    listeners.add(listener);
    this.#listeners.set(runId, listeners);
    const unsubscribe = (): void => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId);
    };
    return { ready: Promise.resolve(), unsubscribe };
  }

  onGap(): () => void {
    return () => undefined;
  }

  async readTail(): Promise<NumberedRunEvent[]> {
    return [];
  }
}
