/**
 * A binary heap whose items know their place, so that any of them can be removed in logarithmic time. Items are ordered by
 * two numbers and by nothing else: what they carry is never compared.
 */

/** What a heap needs to find in its items; it keeps `position` itself. */
export interface HeapItem {
  /** Index in the heap, -1 outside of it. */
  position: number;
  /** The smaller one is first. */
  rank: number;
  /** Decides between equal ranks. */
  tie: number;
}

export class NumericHeap<T extends HeapItem> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  /** The first item, which stays in the heap. */
  get top(): T | undefined {
    return this.items[0];
  }

  /** @throws Error when the item is in a heap already */
  push(item: T): void {
    if (item.position !== -1) throw new Error('This item is in a heap already.');
    item.position = this.items.length;
    this.items.push(item);
    this.moveUp(item);
  }

  pop(): T | undefined {
    const { top } = this;
    if (top !== undefined) this.remove(top);
    return top;
  }

  /** Does nothing when the item is in no heap. */
  remove(item: T): void {
    const { position } = item;
    if (position === -1) return;
    item.position = -1;
    const last = this.items.pop();
    if (last === undefined || last === item) return;
    last.position = position;
    this.items[position] = last;
    this.update(last);
  }

  /** To be called when the rank or tie of an item in the heap has changed. */
  update(item: T): void {
    this.moveUp(item);
    this.moveDown(item);
  }

  private moveUp(item: T): void {
    const { items } = this;
    while (item.position > 0) {
      const parent = items[(item.position - 1) >> 1];
      if (parent === undefined || !isBefore(item, parent)) return;
      this.swap(parent, item);
    }
  }

  private moveDown(item: T): void {
    const { items } = this;
    for (;;) {
      const left = items[2 * item.position + 1];
      if (left === undefined) return;
      const right = items[2 * item.position + 2];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, item)) return;
      this.swap(item, child);
    }
  }

  private swap(upper: T, lower: T): void {
    const { position } = upper;
    upper.position = lower.position;
    lower.position = position;
    this.items[upper.position] = upper;
    this.items[lower.position] = lower;
  }
}

function isBefore(a: HeapItem, b: HeapItem): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.tie < b.tie);
}
