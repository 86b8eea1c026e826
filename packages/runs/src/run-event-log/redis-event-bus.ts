/**
 * The bus of the stack: a hot tail per run for catching up, and pub/sub for pushing. One script call per run and batch, one
 * subscriber connection per process whatever the number of readers.
 */
import {
  HOT_TAIL_EVENTS,
  HOT_TAIL_TTL_MS,
  runEventsChannel,
  runTailKey,
  threadNewsChannel,
  type NumberedRunEvent,
} from '@longrun/contracts';
import {
  appendTail,
  decodeTailMessage,
  readTail,
  type ResilientRedisClient,
  type TailLimits,
} from '@longrun/redis-core';
import type { BusMessage, BusSubscription, RunEventBus, ThreadNews } from './run-event-bus.js';

/** A batch above this is announced by its numbers instead of being pushed to every reader's process. */
const PUBLISH_LIMIT_BYTES = 256 * 1024;

export class RedisEventBus implements RunEventBus {
  readonly #redis: ResilientRedisClient;

  constructor(redis: ResilientRedisClient) {
    this.#redis = redis;
  }

  get isLive(): boolean {
    return this.#redis.available && this.#redis.kit.subscriber.isReady;
  }

  publish(runId: string, events: readonly NumberedRunEvent[]): void {
    if (events.length === 0 || !this.#redis.available) return;
    const target = {
      tailKey: runTailKey(runId),
      channel: runEventsChannel(runId),
      maxLength: HOT_TAIL_EVENTS,
      ttlMs: HOT_TAIL_TTL_MS,
      publishLimitBytes: PUBLISH_LIMIT_BYTES,
    };
    // What is not pushed is read from the log by whoever misses it.
    appendTail(this.#redis, target, events).catch(() => undefined);
  }

  subscribe(runId: string, listener: (message: BusMessage) => void): BusSubscription {
    return this.#redis.kit.subscriber.subscribe(runEventsChannel(runId), (message) => {
      listener(decodeTailMessage(message));
    });
  }

  tellThread(threadId: string, what: ThreadNews): void {
    if (!this.#redis.available) return;
    // Who misses it looks by itself after a while.
    const sending = { idempotent: true, priority: 'low' } as const;
    this.#redis.publish(threadNewsChannel(threadId), what, sending).catch(() => undefined);
  }

  subscribeThread(threadId: string, listener: (what: ThreadNews) => void): BusSubscription {
    return this.#redis.kit.subscriber.subscribe(threadNewsChannel(threadId), (message) => {
      listener(message === 'state' ? 'state' : 'run');
    });
  }

  onGap(listener: () => void): () => void {
    return this.#redis.kit.subscriber.on('gap', listener);
  }

  async readTail(runId: string, cursor: number, limits: TailLimits): Promise<NumberedRunEvent[]> {
    if (!this.#redis.available) return [];
    return readTail(this.#redis, runTailKey(runId), cursor + 1, limits).catch(() => []);
  }
}
