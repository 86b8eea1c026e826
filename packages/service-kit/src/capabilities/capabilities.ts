/**
 * What this process has and what it misses, in one place: a gauge per capability, the names for `/ready`, one log line when one
 * goes and one when it comes back. Whoever hears of a change calls {@link Capabilities.look}; nothing is polled.
 */
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { CAPABILITIES, type CapabilityName } from './capability.js';

/** How to find out. */
export interface CapabilitySource {
  /** Whether it is there now. Costs nothing. */
  isThere(): boolean;
  /** Why it is not, for the log line. */
  reason?(): string | undefined;
  /** Brings `isThere` up to date, where no event does. Must be bounded in time and not reject. */
  ask?(): Promise<unknown>;
}

interface Entry {
  readonly name: CapabilityName;
  readonly source: CapabilitySource;
  /** Moment of the monotonic clock at which it was first found away, milliseconds. */
  awaySince: number | undefined;
  isTold: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class Capabilities {
  readonly #log: Logger;
  readonly #entries = new Map<CapabilityName, Entry>();
  #isTelling = false;

  /** @param metrics gets the gauge `longrun_capability_available` */
  constructor(log: Logger, metrics: Registry) {
    this.#log = log;
    const gauge: Gauge<'capability'> = new Gauge({
      name: 'longrun_capability_available',
      help: '1 while the process has it, 0 while it goes on without.',
      labelNames: ['capability'],
      registers: [metrics],
      collect: async () => {
        await this.refresh();
        for (const { name, source } of this.#entries.values()) {
          gauge.set({ capability: name }, source.isThere() ? 1 : 0);
        }
      },
    });
  }

  /** Adds one. What it is based on comes first. */
  add(name: CapabilityName, source: CapabilitySource): void {
    this.#entries.set(name, { name, source, awaySince: undefined, isTold: false, timer: undefined });
  }

  /** Names of what is away now. */
  get missing(): CapabilityName[] {
    return [...this.#entries.values()].filter(({ source }) => !source.isThere()).map(({ name }) => name);
  }

  /** Begins to write log lines. Before, while the process is starting, it has nothing yet. */
  start(): void {
    this.#isTelling = true;
    this.look();
  }

  /** Ends the log lines: a process that stops loses everything. */
  close(): void {
    this.#isTelling = false;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
  }

  /** To be called when something may have changed. */
  look(): void {
    if (!this.#isTelling) return;
    for (const entry of this.#entries.values()) {
      if (entry.source.isThere()) this.#found(entry);
      else this.#missed(entry);
    }
  }

  /** As {@link look}, after asking what has no events. Takes as long as the slowest answer. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(async ({ source }) => source.ask?.()));
    this.look();
  }

  #found(entry: Entry): void {
    const { name, awaySince, isTold } = entry;
    this.#forget(entry);
    if (!isTold || awaySince === undefined) return;
    const awaySeconds = Math.round((performance.now() - awaySince) / 100) / 10;
    this.#log.info(
      { capability: name, awaySeconds },
      `${CAPABILITIES[name].title} is back after ${awaySeconds} s`,
    );
  }

  #missed(entry: Entry): void {
    if (entry.isTold) return;
    const { title, meanwhile, basis, patienceMs = 0 } = CAPABILITIES[entry.name];
    if (basis !== undefined && this.#entries.get(basis)?.source.isThere() === false) {
      // Its patience begins when the basis is back.
      this.#forget(entry);
      return;
    }
    entry.awaySince ??= performance.now();
    const waitMs = patienceMs - (performance.now() - entry.awaySince);
    if (waitMs > 0) {
      entry.timer ??= this.#lookAfter(waitMs, entry);
      return;
    }
    entry.isTold = true;
    const reason = entry.source.reason?.();
    this.#log.warn(
      { capability: entry.name, ...(reason === undefined ? {} : { reason }) },
      `${title} is away: ${meanwhile}`,
    );
  }

  #lookAfter(ms: number, entry: Entry): NodeJS.Timeout {
    const timer = setTimeout(() => {
      entry.timer = undefined;
      this.look();
    }, Math.ceil(ms));
    return timer.unref();
  }

  #forget(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    entry.awaySince = undefined;
    entry.isTold = false;
  }
}
