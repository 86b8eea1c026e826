/**
 * One piece of deferred work as the recovery queue holds it, and the line of those that have the same key.
 */
import type { DeferredOutcome, DeferredWork } from './deferred-work.js';
import type { HeapItem } from './numeric-heap.js';

/** How urgent an entry is: 0 somebody waits for its key, 1 `high`, 2 `normal`. */
export type Urgency = 0 | 1 | 2;

/** - `queued`: waits for its turn, or for an earlier entry of its key - `delayed`: pauses after a failed try */
export type EntryStatus = 'queued' | 'delayed' | 'running' | 'settled';

/** An entry's place in one of the queue's heaps. */
export class HeapPlace implements HeapItem {
  position = -1;

  constructor(
    readonly entry: DeferredEntry,
    public rank: number,
    public tie: number,
  ) {}
}

export class DeferredEntry {
  status: EntryStatus = 'queued';
  /** Neighbours of the same key. */
  previous: DeferredEntry | undefined;
  next: DeferredEntry | undefined;
  /** Tries that count. */
  tries = 0;
  /** Failures of any kind; the pauses grow with them. */
  failures = 0;
  /** Aborts the try that is going on. */
  controller: AbortController | undefined;
  readonly expiresAt: number;
  /** In the heap of those whose turn it may be, by urgency, or of those that pause, by the end of the pause. */
  readonly turn: HeapPlace;
  /** In the heap of those that may be dropped: the least urgent first, among them the oldest. */
  readonly drop: HeapPlace;
  readonly expiry: HeapPlace;

  constructor(
    readonly work: DeferredWork,
    /** Number of the offer; no two entries have the same. */
    readonly sequence: number,
    readonly offeredAt: number,
    public urgency: Urgency,
    readonly resolve: (outcome: DeferredOutcome) => void,
  ) {
    this.expiresAt = offeredAt + work.expiresAfterMs;
    this.turn = new HeapPlace(this, urgency, sequence);
    this.drop = new HeapPlace(this, -urgency, sequence);
    this.expiry = new HeapPlace(this, this.expiresAt, sequence);
  }
}

/** The entries of one key in their order. Only the first may run. */
export class KeyLine {
  first: DeferredEntry | undefined;
  last: DeferredEntry | undefined;
  /** Who waits for the line to become empty. */
  readonly waiters = new Set<() => void>();

  append(entry: DeferredEntry): void {
    entry.previous = this.last;
    if (this.last === undefined) this.first = entry;
    else this.last.next = entry;
    this.last = entry;
  }

  remove(entry: DeferredEntry): void {
    if (entry.previous === undefined) this.first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = undefined;
    entry.next = undefined;
  }
}
