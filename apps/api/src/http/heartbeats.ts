/**
 * One timer for all that beat: thousands of open streams cost no timer each, and are not all written to at the same moment.
 */
import { SSE_HEARTBEAT_MS } from '@longrun/contracts';

/** So many times per period some of the members beat. */
const TURNS = 10;

export interface Beating {
  /** Must not throw. */
  beat(): void;
}

export class Heartbeats {
  /** Members by the turn at which they beat. */
  readonly #turns = Array.from({ length: TURNS }, () => new Set<Beating>());
  #current = 0;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** The first beat comes after nine tenths of {@link SSE_HEARTBEAT_MS} to a whole one, the others after a whole one each. */
  add(member: Beating): void {
    // The turn that is over comes again in a whole period.
    this.#turns[this.#current]?.add(member);
    this.#count += 1;
    this.#timer ??= setInterval(() => this.#beat(), SSE_HEARTBEAT_MS / TURNS);
  }

  delete(member: Beating): void {
    if (!this.#turns.some((members) => members.delete(member))) return;
    this.#count -= 1;
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    this.#current = (this.#current + 1) % TURNS;
    for (const member of this.#turns[this.#current] ?? []) member.beat();
  }
}
