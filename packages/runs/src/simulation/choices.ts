/**
 * The only source of chance in the simulation: numbers from a seed, all of them written down. The same list gives the same schedule
 * again. 0 is always the calm answer, so that a list that ends early, or is set to zeros in part, is a simpler schedule.
 */
export class Choices {
  /** What was answered so far. */
  readonly taken: number[] = [];
  readonly #given: readonly number[] | null;
  #state: number;

  private constructor(seed: number, given: readonly number[] | null) {
    this.#state = seed >>> 0;
    this.#given = given;
  }

  static fromSeed(seed: number): Choices {
    return new Choices(seed, null);
  }

  /** The same answers again; zeros when they have run out. */
  static replay(given: readonly number[]): Choices {
    return new Choices(0, given);
  }

  /** A number from 0 to `below - 1`. */
  next(below: number): number {
    const answer = this.#given ? (this.#given[this.taken.length] ?? 0) % below : this.#random() % below;
    this.taken.push(answer);
    return answer;
  }

  /** True once in `times`. */
  isRare(times: number): boolean {
    return this.next(times) === times - 1;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.next(from.length)] as T;
  }

  #random(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
