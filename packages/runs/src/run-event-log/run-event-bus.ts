/**
 * The push side of the log: how readers hear of events that are committed already. It may fail or lose; the log has them.
 */
import type { NumberedRunEvent } from '@longrun/contracts';
import type { TailLimits } from '@longrun/redis-core';

/** What a reader hears: events, or only that there are some. */
export type BusMessage =
  { kind: 'events'; events: readonly NumberedRunEvent[] } | { kind: 'announce'; first: number; last: number };

/** What those who follow a thread are told. */
export type ThreadNews = 'run' | 'state';

export interface BusSubscription {
  /** Resolves when every event published from now on will be heard. Stays pending while the bus is away. */
  readonly ready: Promise<void>;
  unsubscribe(): void;
}

export interface RunEventBus {
  /** Events of one run, contiguous. Never throws and is not awaited. */
  publish(runId: string, events: readonly NumberedRunEvent[]): void;
  subscribe(runId: string, listener: (message: BusMessage) => void): BusSubscription;
  /** Tells those who follow a thread that a run of it has begun, or that its state was changed. Never throws, not awaited. */
  tellThread(threadId: string, what: ThreadNews): void;
  subscribeThread(threadId: string, listener: (what: ThreadNews) => void): BusSubscription;
  /** Calls back when messages may have been lost; readers then look into the log. Returns the removal. */
  onGap(listener: () => void): () => void;
  /** Events after `cursor` as far as the bus still has them without a hole, else none. */
  readTail(runId: string, cursor: number, limits: TailLimits): Promise<NumberedRunEvent[]>;
  /** False while nothing is heard, so that readers have to ask the log more often. */
  readonly isLive: boolean;
}
