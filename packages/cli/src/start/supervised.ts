/**
 * Keeps one process running: starts it again when it dies, less and less often, until told to stop.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A process that lived this long was well: the pauses begin anew. */
const WELL_AFTER_MS = 30_000;

/** A process that runs. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** What a supervised process needs. */
export interface SupervisionOptions<Process extends Running> {
  readonly name: string;
  readonly restart: boolean;
  /** Starts it; ends what it started when the signal aborts. */
  launch(signal: AbortSignal): Promise<Process>;
  /** Called after every successful start. */
  onRunning(process: Process): void;
  /** Told what happened, in one sentence. */
  note(sentence: string): void;
}

export class Supervised<Process extends Running> {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private first: Promise<Process> | undefined;
  private running: Process | undefined;

  constructor(private readonly options: SupervisionOptions<Process>) {}

  /**
   * Starts it for the first time, and from then on keeps it running.
   *
   * @throws what `launch` threw: a process that never ran is not started again
   */
  async start(): Promise<Process> {
    this.first = this.launch();
    const process = await this.first;
    this.loop = this.keepRunning(process);
    return process;
  }

  /** Stops it, also in the middle of a start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.first?.catch(() => undefined);
    await this.running?.stop();
    await this.loop;
  }

  private async launch(): Promise<Process> {
    this.stopping.signal.throwIfAborted();
    const process = await this.options.launch(this.stopping.signal);
    this.running = process;
    this.options.onRunning(process);
    return process;
  }

  private async keepRunning(first: Process): Promise<void> {
    const { name, note, restart } = this.options;
    const { signal } = this.stopping;
    let current: Process | undefined = first;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const startedAt = performance.now();
      await current?.exited;
      if (signal.aborted) return;
      if (!restart) {
        note(`${name} (pid ${String(first.pid)}) has died and stays dead: --no-restart.`);
        return;
      }
      if (performance.now() - startedAt >= WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      note(`${name} has died; starting it again in ${String(pauseMs / 1_000)} s.`);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      if (signal.aborted) return;
      current = await this.launch().catch((error: unknown) => {
        if (!signal.aborted) note(error instanceof Error ? error.message : String(error));
        return undefined;
      });
      // Stopped in the middle of it: stop() has seen the earlier process only.
      if (signal.aborted) await current?.stop();
    }
  }
}
