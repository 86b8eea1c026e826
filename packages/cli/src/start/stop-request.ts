/**
 * When to stop: Ctrl-C, SIGTERM, a closed terminal, the end of whoever started us. And when to stop at once.
 */
import { watchPackageManager } from './ancestors.js';

/** A terminal's Ctrl-C also reaches the package manager, which may pass it on: one wish, two signals. */
const SAME_WISH_MS = 1_000;

export class StopRequest {
  /** Resolves with the reason when somebody wants us to stop. */
  readonly requested: Promise<string>;
  /** Resolves when somebody asks again. */
  readonly insisted: Promise<void>;
  private resolveRequested: (reason: string) => void = () => undefined;
  private resolveInsisted: () => void = () => undefined;
  private requestedAt: number | undefined;
  private readonly disposers: (() => void)[] = [];

  constructor() {
    this.requested = new Promise((resolve) => (this.resolveRequested = resolve));
    this.insisted = new Promise((resolve) => (this.resolveInsisted = resolve));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const listener = (): void => {
        this.request(signal);
      };
      process.on(signal, listener);
      this.disposers.push(() => process.off(signal, listener));
    }
    this.disposers.push(
      watchPackageManager(() => {
        this.request('the package manager has ended');
      }),
    );
    if (process.channel) {
      const listener = (): void => {
        this.request('the process that started this one has ended');
      };
      process.on('disconnect', listener);
      this.disposers.push(() => process.off('disconnect', listener));
    }
  }

  /** True once somebody wants us to stop. */
  get isRequested(): boolean {
    return this.requestedAt !== undefined;
  }

  /** Stops watching. */
  dispose(): void {
    for (const dispose of this.disposers.splice(0)) dispose();
  }

  private request(reason: string): void {
    const now = performance.now();
    if (this.requestedAt === undefined) {
      this.requestedAt = now;
      this.resolveRequested(reason);
    } else if (now - this.requestedAt > SAME_WISH_MS && reason.startsWith('SIG')) {
      this.resolveInsisted();
    }
  }
}
