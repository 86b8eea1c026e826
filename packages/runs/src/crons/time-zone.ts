/**
 * The offset of a time zone from UTC, and where it changes: from Node's own time zone data. Times are milliseconds since 1970.
 */

export const DAY_MS = 24 * 3_600_000;

export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError when Node does not know the name */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What the clock on the wall shows, less UTC. */
  offsetAt(instant: number): number {
    const parts = new Map(
      this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return wall - Math.floor(instant / 1_000) * 1_000;
  }

  /** The first instant of another offset, between two instants whose offsets differ. */
  changeBetween(before: number, after: number): number {
    const offset = this.offsetAt(before);
    let low = before;
    let high = after;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }

  /** The first instant at which the wall shows `wall`; where the clock skips it, the instant of the skip. */
  firstInstantOf(wall: number): number {
    const offsets = [this.offsetAt(wall - DAY_MS), this.offsetAt(wall + DAY_MS)];
    const instants = offsets.map((offset) => wall - offset).filter((at) => at + this.offsetAt(at) === wall);
    return instants.length > 0 ? Math.min(...instants) : this.changeBetween(wall - DAY_MS, wall + DAY_MS);
  }
}
