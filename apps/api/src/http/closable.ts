/**
 * What streams to clients have in common, whatever they travel over: they end once, and those who work for one are told.
 *
 * A base class, not a part: thousands are open at a time, most of them silent, and each holds as little as it can.
 */
export abstract class Closable {
  #closeListeners: readonly (() => void)[] = [];
  #isClosed = false;

  /** True when the client is gone or the stream has ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls back once, when the client is gone or the stream has ended; at once when it is closed already. Returns the removal. */
  onClose(listener: () => void): () => void {
    if (this.#isClosed) {
      listener();
      return () => undefined;
    }
    // Not pushed: that would make room for many more.
    this.#closeListeners = this.#closeListeners.concat(listener);
    return () => {
      this.#closeListeners = this.#closeListeners.filter((other) => other !== listener);
    };
  }

  /** False when it was closed already. */
  protected markClosed(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    const listeners = this.#closeListeners;
    this.#closeListeners = [];
    for (const listener of listeners) listener();
    return true;
  }
}
