/**
 * The unreliable part: the queue that wakes workers, the push to readers and the hot tail. Messages are lost, doubled, late and out
 * of order; all of it may vanish or be away.
 */
import type { Choices } from './choices.js';
import type { Numbered, Record } from './record.js';
import type { SimDispatch } from './run-statements.js';
import type { Process, Scheduler } from './scheduler.js';

/** Who hears the pushes of one run. */
export interface Listener {
  readonly runId: string;
  push(events: readonly Numbered[]): void;
}

const LONGEST_DELAY_MS = 2_500;

export class SimRedis {
  downUntil = 0;
  readonly listeners = new Set<Listener>();
  readonly #tails = new Map<string, Numbered[]>();
  /** Messages sent before the last flush are gone. */
  #epoch = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly choices: Choices,
    private readonly record: Record,
    /** What is under way belongs to nobody who could die. */
    private readonly wire: Process,
    private readonly deliver: (runId: string) => void,
  ) {}

  get isUp(): boolean {
    return this.downUntil <= this.scheduler.now;
  }

  flush(): void {
    this.#epoch += 1;
    this.#tails.clear();
  }

  enqueue(dispatches: readonly SimDispatch[]): void {
    if (!this.isUp) return;
    for (const { runId } of dispatches) this.#send(() => this.deliver(runId));
  }

  publish(runId: string, events: readonly Numbered[]): void {
    if (events.length === 0 || !this.isUp) return;
    this.#appendTail(runId, events);
    for (const listener of this.listeners) {
      if (listener.runId === runId) this.#send(() => listener.push(events));
    }
  }

  /** A message between two processes. */
  tell(message: () => void): void {
    if (this.isUp) this.#send(message);
  }

  /** Events from `cursor + 1` on; empty when the tail does not reach that far back. */
  readTail(runId: string, cursor: number): Numbered[] {
    if (!this.isUp) return [];
    const tail = this.#tails.get(runId) ?? [];
    const start = tail.findIndex(({ seq }) => seq > cursor);
    if (start === -1 || (tail[start]?.seq !== cursor + 1 && this.record.protections.tailIsContiguous))
      return [];
    return tail.slice(start);
  }

  /** What does not continue the tail begins a new one. */
  #appendTail(runId: string, events: readonly Numbered[]): void {
    const tail = this.#tails.get(runId) ?? [];
    const last = tail.at(-1)?.seq ?? -1;
    const news = events.filter(({ seq }) => seq > last);
    const continues = tail.length === 0 || news[0]?.seq === last + 1;
    const keeps = continues || !this.record.protections.tailIsContiguous;
    if (news.length > 0) this.#tails.set(runId, keeps ? [...tail, ...news] : [...news]);
  }

  #send(message: () => void): void {
    const { choices, scheduler } = this;
    const fate = scheduler.faults ? choices.next(24) : 0;
    // Lost.
    if (fate === 23) return;
    const delays = [fate >= 20 ? choices.next(LONGEST_DELAY_MS) : fate & 3];
    // Doubled.
    if (fate === 22) delays.push(choices.next(LONGEST_DELAY_MS));
    for (const delay of delays) {
      if (delay === 0) message();
      else scheduler.spawn(this.wire, this.#arrive(message), delay);
    }
  }

  *#arrive(message: () => void) {
    const epoch = this.#epoch;
    yield { is: 'sleep', ms: 0 } as const;
    if (epoch === this.#epoch && this.isUp) message();
  }
}
