/**
 * Whether the event loop is overloaded: then the worker claims nothing more until it has caught up.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const SAMPLE_MS = 1_000;
/** Mean delay of the loop above which claims pause, and below which they go on. */
const PAUSE_ABOVE_MS = 200;
const RESUME_BELOW_MS = 100;
/** How often the loop is woken to see how late it is: a worker that does nothing does little else. */
const RESOLUTION_MS = 50;

export class EventLoopLoad {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #timer: NodeJS.Timeout | undefined;
  #overloaded = false;
  #delayMs = 0;

  /** @param onChange called when the loop becomes overloaded, and when it has caught up */
  constructor(private readonly onChange: (overloaded: boolean) => void) {}

  /** Mean delay over the last second, milliseconds. */
  get delayMs(): number {
    return this.#delayMs;
  }

  start(): void {
    this.#delays.enable();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delays.disable();
  }

  #sample(): void {
    const mean = this.#delays.mean / 1e6 - RESOLUTION_MS;
    this.#delays.reset();
    this.#delayMs = Number.isFinite(mean) ? Math.max(0, mean) : 0;
    const overloaded = this.#overloaded ? this.#delayMs > RESUME_BELOW_MS : this.#delayMs > PAUSE_ABOVE_MS;
    if (overloaded === this.#overloaded) return;
    this.#overloaded = overloaded;
    this.onChange(overloaded);
  }
}
