/**
 * Who has to go when the recovery queue is full: the least urgent first, among them the oldest; never what is running.
 */
import type { DeferredEntry, HeapPlace, Urgency } from './deferred-entry.js';
import { NumericHeap } from './numeric-heap.js';

const URGENCIES = [0, 1, 2] as const;

export class DropOrder {
  private readonly places = new NumericHeap<HeapPlace>();
  private readonly countOf: [number, number, number] = [0, 0, 0];
  private readonly bytesOf: [number, number, number] = [0, 0, 0];

  add(entry: DeferredEntry): void {
    entry.drop.rank = -entry.urgency;
    this.places.push(entry.drop);
    this.countOf[entry.urgency] += 1;
    this.bytesOf[entry.urgency] += entry.work.bytes;
  }

  /** Does nothing when the entry may not be dropped anyway. */
  remove(entry: DeferredEntry): void {
    if (entry.drop.position === -1) return;
    this.places.remove(entry.drop);
    this.countOf[entry.urgency] -= 1;
    this.bytesOf[entry.urgency] -= entry.work.bytes;
  }

  /** Whether as much as this can be had from entries that are no more urgent than that. */
  canFree(entries: number, bytes: number, urgency: Urgency): boolean {
    let freeableEntries = 0;
    let freeableBytes = 0;
    for (const one of URGENCIES) {
      if (one < urgency) continue;
      freeableEntries += this.countOf[one];
      freeableBytes += this.bytesOf[one];
    }
    return freeableEntries >= entries && freeableBytes >= bytes;
  }

  /** The one to drop next, if it is no more urgent than that. */
  next(urgency: Urgency): DeferredEntry | undefined {
    const entry = this.places.top?.entry;
    return entry !== undefined && entry.urgency >= urgency ? entry : undefined;
  }
}
