/**
 * Waiting for what the kit announces, without pauses of a guessed length.
 */
import type { RedisKit } from '../src/index.js';

/** Resolves when `event` is next emitted. */
export function nextKitEvent(kit: RedisKit, event: 'available' | 'unavailable'): Promise<void> {
  return new Promise((resolve) => {
    const off = kit.on(event, () => {
      off();
      resolve();
    });
  });
}

/** Resolves at the subscriber's next gap. */
export function nextGap(kit: RedisKit): Promise<void> {
  return new Promise((resolve) => {
    const off = kit.subscriber.on('gap', () => {
      off();
      resolve();
    });
  });
}
