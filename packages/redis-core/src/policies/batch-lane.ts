/**
 * The items of one key on their way into batches.
 */

/** An item that has not been answered. */
export interface BatchItem<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Limits of one batch. */
export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

export class BatchLane<Item, Result> {
  /** The batch that has been handed over and has not come back. */
  inFlight: readonly BatchItem<Item, Result>[] | undefined;
  /** Callers of a flush, each with how many items must have been answered for it. */
  readonly flushing: { readonly upTo: number; readonly resolve: () => void }[] = [];
  private waiting: BatchItem<Item, Result>[] = [];
  /** Index of the first that waits; what is before has been taken. */
  private head = 0;
  private waitingBytes = 0;
  private added = 0;
  private answered = 0;

  constructor(readonly key: string) {}

  get isEmpty(): boolean {
    return this.added === this.answered;
  }

  get hasWaiting(): boolean {
    return this.waitingCount > 0;
  }

  push(item: BatchItem<Item, Result>): void {
    this.waiting.push(item);
    this.waitingBytes += item.bytes;
    this.added += 1;
  }

  /** Which limit of a batch the waiting items have reached. */
  reached({ maxItems, maxBytes }: BatchLimits): 'count' | 'bytes' | undefined {
    if (this.waitingCount >= maxItems) return 'count';
    return this.waitingBytes >= maxBytes ? 'bytes' : undefined;
  }

  /** The next batch: as many items as fit, but at least one. */
  take({ maxItems, maxBytes }: BatchLimits): readonly BatchItem<Item, Result>[] {
    let end = this.head;
    let bytes = 0;
    for (let next = this.waiting[end]; next !== undefined; next = this.waiting[end]) {
      if (end > this.head && (end - this.head >= maxItems || bytes + next.bytes > maxBytes)) break;
      end += 1;
      bytes += next.bytes;
    }
    const batch = this.waiting.slice(this.head, end);
    this.head = end;
    this.waitingBytes -= bytes;
    // What has been taken is let go of once it is half of the array: each item is moved once on average.
    if (this.head * 2 >= this.waiting.length) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
    return batch;
  }

  /** Everything that has not been handed over. */
  takeAll(): readonly BatchItem<Item, Result>[] {
    return this.take({ maxItems: Infinity, maxBytes: Infinity });
  }

  /** Counts items as answered, and tells the flushes that waited for them. */
  countAnswered(count: number): void {
    this.answered += count;
    for (
      let [next] = this.flushing;
      next !== undefined && next.upTo <= this.answered;
      [next] = this.flushing
    ) {
      this.flushing.shift();
      next.resolve();
    }
  }

  /** Resolves when all that has been added so far is answered. */
  untilAnswered(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      this.flushing.push({ upTo: this.added, resolve });
    });
  }

  private get waitingCount(): number {
    return this.waiting.length - this.head;
  }
}
