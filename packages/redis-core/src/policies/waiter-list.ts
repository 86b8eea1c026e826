/**
 * Who waits for a permit: first in first out, and any of them can leave at any time at the same small cost.
 */
import type { RedisError } from '../redis-error.js';
import type { HeapItem } from './numeric-heap.js';

/**
 * Who gets the permit, or is told why not: exactly one of the two is called, once, unless it leaves before. Must not throw;
 * may release the permit at once.
 */
export interface PermitTaker {
  granted(): void;
  refused(error: RedisError): void;
}

/** A caller that waits. It is in the list of its class, and in the heap of those that will expire. */
export class Waiter implements HeapItem {
  previous: Waiter | undefined;
  next: Waiter | undefined;
  position = -1;
  tie = 0;

  constructor(
    readonly priority: number,
    /** When it began to wait. */
    readonly since: number,
    /** When it stops waiting; the heap's rank. */
    public rank: number,
    readonly taker: PermitTaker,
  ) {}

  /** Stops listening to the caller's signal. */
  detach: (() => void) | undefined;
}

/** A doubly linked list. */
export class WaiterList {
  first: Waiter | undefined;
  private last: Waiter | undefined;

  append(waiter: Waiter): void {
    waiter.previous = this.last;
    if (this.last === undefined) this.first = waiter;
    else this.last.next = waiter;
    this.last = waiter;
  }

  /** The waiter must be in this list. */
  remove(waiter: Waiter): void {
    if (waiter.previous === undefined) this.first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.previous = undefined;
    waiter.next = undefined;
  }
}
