/**
 * The listeners of one event.
 */

/**
 * Calls listeners in the order in which they were added. What is emitted from within a listener comes after what is being
 * emitted: all listeners see all events in the same order. As with `EventTarget`, an error of a listener does not reach
 * who emitted, nor the other listeners; it becomes an uncaught exception.
 */
export class Listeners<Args extends readonly unknown[]> {
  private readonly listeners = new Set<(...args: Args) => void>();
  private readonly waiting: Args[] = [];
  private isEmitting = false;

  get size(): number {
    return this.listeners.size;
  }

  /** Returns a function that removes the listener. */
  add(listener: (...args: Args) => void): () => void {
    // Wrapped, so that a function that is added twice is called twice and removed one by one.
    const added = (...args: Args): void => {
      listener(...args);
    };
    this.listeners.add(added);
    return () => {
      this.listeners.delete(added);
    };
  }

  emit(...args: Args): void {
    if (this.listeners.size === 0) return;
    this.waiting.push(args);
    if (this.isEmitting) return;
    this.isEmitting = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      for (const listener of [...this.listeners]) {
        try {
          listener(...next);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
    this.isEmitting = false;
  }

  clear(): void {
    this.listeners.clear();
  }
}
