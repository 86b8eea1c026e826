/**
 * The processes for suspect runs: made when needed, a few at most, used again after a graph that ended by itself, and ended when
 * nobody needs them.
 */
import type { IsolatedProcess } from './isolated-process.js';

/** A process that is not used for this long is ended. */
const IDLE_MS = 30_000;

export interface IsolatedProcessesOptions {
  /** Processes at most; further suspects wait, first come first served. */
  limit: number;
  launch: () => IsolatedProcess;
  idleMs?: number;
}

export class IsolatedProcesses {
  readonly #options: IsolatedProcessesOptions;
  readonly #all = new Set<IsolatedProcess>();
  readonly #idle: { process: IsolatedProcess; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(options: IsolatedProcessesOptions) {
    this.#options = options;
  }

  /** @throws the reason of `signal` when it aborts during the wait */
  async acquire(signal: AbortSignal): Promise<IsolatedProcess> {
    for (;;) {
      signal.throwIfAborted();
      const idle = this.#idle.pop();
      if (idle) {
        clearTimeout(idle.timer);
        if (idle.process.isAlive) return idle.process;
      } else if (this.#all.size < this.#options.limit) {
        return this.#launch();
      } else {
        await this.#turn(signal);
      }
    }
  }

  /** Takes back a process whose graph ended by itself. One that did not is ended by its user, and leaves by itself. */
  giveBack(process: IsolatedProcess): void {
    const timer = setTimeout(() => process.kill(), this.#options.idleMs ?? IDLE_MS);
    timer.unref();
    this.#idle.push({ process, timer });
    this.#waiting.shift()?.();
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    for (const process of this.#all) process.kill();
    await Promise.all([...this.#all].map((process) => process.exited));
  }

  #launch(): IsolatedProcess {
    const process = this.#options.launch();
    this.#all.add(process);
    void process.exited.then(() => {
      this.#all.delete(process);
      this.#waiting.shift()?.();
    });
    return process;
  }

  /** Until a process may be free. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const take = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        resolve();
      };
      this.#waiting.push(take);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
