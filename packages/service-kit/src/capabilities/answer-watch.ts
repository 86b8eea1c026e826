/**
 * Whether something answers that tells of nothing by itself: asked when somebody had no answer or wants to know, and while it
 * does not answer once a second, so that its return is noticed without traffic.
 */

export interface AnswerWatchOptions {
  /** Rejects when there is no answer. Must be bounded in time. */
  ask(): Promise<unknown>;
  /** Called when the answer has changed. */
  onChange(): void;
  /** Pause between two questions while there is no answer, milliseconds. Default 1,000. */
  retryMs?: number;
}

export class AnswerWatch {
  readonly #options: AnswerWatchOptions;
  #asking: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answers = true;
  #failure: string | undefined;
  #isClosed = false;

  constructor(options: AnswerWatchOptions) {
    this.#options = options;
  }

  /** What the last question brought; true before the first. */
  get answers(): boolean {
    return this.#answers;
  }

  /** Why there was no answer. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Asks now, or waits for the question under way. Never rejects. */
  ask(): Promise<boolean> {
    this.#asking ??= this.#askOnce().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** Somebody had no answer, or wants to know. While it is known to be away this waits for nothing. */
  async doubt(): Promise<void> {
    if (this.#answers) await this.ask();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #askOnce(): Promise<boolean> {
    clearTimeout(this.#timer);
    try {
      await this.#options.ask();
      this.#become(true, undefined);
    } catch (error) {
      this.#become(false, error instanceof Error ? error.message : String(error));
      if (!this.#isClosed) {
        this.#timer = setTimeout(() => void this.ask(), this.#options.retryMs ?? 1_000).unref();
      }
    }
    return this.#answers;
  }

  #become(answers: boolean, failure: string | undefined): void {
    const hasChanged = this.#answers !== answers;
    this.#answers = answers;
    this.#failure = failure;
    if (hasChanged && !this.#isClosed) this.#options.onChange();
  }
}
