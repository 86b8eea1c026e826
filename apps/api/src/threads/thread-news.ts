/**
 * Waiting for something to happen to a thread: a run of it begins, or its state changes. Shared by all streams of whole threads.
 */
import type { RunEventBus, ThreadNews as News } from '@longrun/runs';

/** How often a thread is looked at of which nothing was heard, and the same while pushes are not heard. */
const LOOK_MS = 10_000;
const LOOK_WITHOUT_PUSH_MS = 500;

/** How long a stream waits for news before it looks by itself, milliseconds. */
export function lookInterval(bus: RunEventBus): number {
  return bus.isLive ? LOOK_MS : LOOK_WITHOUT_PUSH_MS;
}

/** Whoever reads the stream. */
interface Closable {
  readonly isClosed: boolean;
  onClose(listener: () => void): () => void;
}

/** What was told since the last look. */
export class ThreadNews {
  #told: News | null = null;
  #wake: (() => void) | undefined;

  constructor(private readonly reader: Closable) {
    reader.onClose(() => this.#wake?.());
  }

  tell(what: News): void {
    this.#told = this.#told === 'state' ? 'state' : what;
    this.#wake?.();
  }

  /** Resolves with what was told, or with null after the time or when the client has gone. */
  async wait(ms: number): Promise<News | null> {
    if (this.#told === null && !this.reader.isClosed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const told = this.#told;
    this.#told = null;
    return told;
  }
}
