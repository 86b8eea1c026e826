/**
 * Executes suspects (runs that may have killed their process) each in a process of its own, until they have made progress;
 * all others, and those from there on, in this process. See docs/adr/0010.
 */
import type { RunEvent } from '@longrun/contracts';
import type { ClaimedRun, ExecuteArguments, ExecutedRun, GraphEngine, RunEnd } from '@longrun/runs';
import type { IsolatedProcesses } from './isolated-processes.js';

type Thread = RunEnd['thread'] | null;

export class IsolatingEngine implements GraphEngine {
  readonly #inner: GraphEngine;
  readonly #processes: IsolatedProcesses;
  /** Threads of runs that are isolated: reading one here could run code of the suspect. */
  readonly #threads = new WeakMap<ClaimedRun, Promise<Thread>>();

  constructor(inner: GraphEngine, processes: IsolatedProcesses) {
    this.#inner = inner;
    this.#processes = processes;
  }

  get graphIds(): readonly string[] {
    return this.#inner.graphIds;
  }

  async *execute(args: ExecuteArguments): AsyncGenerator<RunEvent, ExecutedRun> {
    if (args.run.isSuspect) {
      const executed = yield* this.#executeIsolated(args);
      if (executed) return executed;
    }
    return yield* this.#inner.execute(args);
  }

  async readThread(run: ClaimedRun): Promise<Thread> {
    return this.#threads.get(run) ?? this.#inner.readThread(run);
  }

  async close(): Promise<void> {
    await Promise.all([this.#processes.close(), this.#inner.close()]);
  }

  /** Null when the run made progress: it goes on like any other. */
  async *#executeIsolated(args: ExecuteArguments): AsyncGenerator<RunEvent, ExecutedRun | null> {
    const { run, signal } = args;
    this.#threads.set(run, Promise.resolve(null));
    const process = await this.#processes.acquire(signal);
    // By the signal and not by a `finally`: an attempt that is ended leaves its events where they are.
    const end = (): void => void this.#threads.set(run, process.end(args));
    signal.addEventListener('abort', end);
    try {
      const executed = yield* process.execute(args);
      this.#processes.giveBack(process);
      if (executed === null) this.#threads.delete(run);
      return executed;
    } catch (error) {
      if (!signal.aborted) process.kill();
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}
