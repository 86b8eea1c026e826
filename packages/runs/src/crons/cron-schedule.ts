/**
 * When a cron comes due: five fields, read by the clock on the wall of a time zone. `docs/crons.md` states the rules for the nights in
 * which that clock is changed; they are decided here, the library only enumerates times of day.
 */
import { LongrunError } from '@longrun/contracts';
import { CronExpressionParser, type CronExpression } from 'cron-parser';
import { DAY_MS, TimeZone } from './time-zone.js';

const FIELDS = 'minute, hour, day of the month, month, day of the week';
const NAMES = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)\b/gi;
/** Ticks that a catch-up counts at most; beyond, it only looks for the newest. */
const COUNT_LIMIT = 200;
/** Where the newest of very many ticks is looked for: the last hour, day, year, leap day. */
const LOOK_BACK_MS = [DAY_MS / 24, DAY_MS, 366 * DAY_MS, 9 * 366 * DAY_MS];

/** The ticks that were missed, as one to be made up for. */
export interface CatchUp {
  /** The newest tick that is due. */
  tick: Date;
  /** Older ones that are left out; counted up to 200. */
  skipped: number;
  /** The first one that is not due; null when there will be none. */
  next: Date | null;
}

export class CronSchedule {
  readonly #expression: CronExpression;
  readonly #zone: TimeZone;
  /** Neither minute nor hour is a wildcard: it names times of the day, and each of them comes once a day. */
  readonly #isFixed: boolean;

  /**
   * @param schedule five fields of numbers, names, `*`, `,`, `-` and `/`
   * @param timezone IANA name; null is UTC
   * @throws LongrunError VALIDATION_FAILED naming `schedule` or `timezone`
   */
  constructor(schedule: string, timezone: string | null) {
    this.#zone = zoneOf(timezone);
    this.#expression = parse(schedule);
    const [minute = '', hour = ''] = schedule.trim().split(/\s+/);
    this.#isFixed = !minute.startsWith('*') && !hour.startsWith('*');
    if (this.next(new Date()) === null) throw wrong('schedule', `"${schedule}" never comes due`);
  }

  /** The first tick after an instant; null when there is none. */
  next(after: Date): Date | null {
    const tick = this.#isFixed ? this.#nextFixed(after.getTime()) : this.#nextWildcard(after.getTime());
    return tick === null ? null : new Date(tick);
  }

  /** @param due a tick @param now not before it */
  catchUp(due: Date, now: Date): CatchUp {
    let tick = due;
    for (let skipped = 0; skipped < COUNT_LIMIT; skipped += 1) {
      const next = this.next(tick);
      if (next === null || next > now) return { tick, skipped, next };
      tick = next;
    }
    tick = this.#newest(tick, now);
    return { tick, skipped: COUNT_LIMIT, next: this.next(tick) };
  }

  #newest(atLeast: Date, now: Date): Date {
    for (const lookBack of LOOK_BACK_MS) {
      let tick = this.next(new Date(Math.max(now.getTime() - lookBack, atLeast.getTime() - 1)));
      if (tick === null || tick > now) continue;
      for (let next = this.next(tick); next !== null && next <= now; next = this.next(next)) tick = next;
      return tick;
    }
    return atLeast;
  }

  /** Each time of the day once: the first time when the clock shows it twice, at the skip when the clock leaves it out. */
  #nextFixed(after: number): number | null {
    let wall: number | null = after + this.#zone.offsetAt(after);
    while ((wall = this.#nextWall(wall)) !== null) {
      const tick = this.#zone.firstInstantOf(wall);
      if (tick > after) return tick;
    }
    return null;
  }

  /** Whenever the clock shows it: twice in a repeated hour, never in a skipped one. */
  #nextWildcard(after: number): number | null {
    const zone = this.#zone;
    let from = after;
    let offset = zone.offsetAt(after);
    let wallFrom = after + offset;
    for (;;) {
      const wall = this.#nextWall(wallFrom);
      if (wall === null) return null;
      const tick = wall - offset;
      // A change nearby comes first: it may repeat what the clock has shown just now.
      const until = zone.offsetAt(from + DAY_MS) === offset ? tick : from + DAY_MS;
      if (zone.offsetAt(until) === offset) return tick;
      const change = zone.changeBetween(from, until);
      if (tick < change) return tick;
      from = change;
      offset = zone.offsetAt(change);
      // Less a millisecond, so that a tick at the very change counts.
      wallFrom = change + offset - 1;
    }
  }

  #nextWall(after: number): number | null {
    try {
      this.#expression.reset(new Date(after));
      return this.#expression.next().getTime();
    } catch {
      // The library looks a number of years ahead, then gives up: there is no such day.
      return null;
    }
  }
}

function parse(schedule: string): CronExpression {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5 || fields[0] === '') {
    throw wrong('schedule', `must have five fields (${FIELDS}), not ${fields[0] === '' ? 0 : fields.length}`);
  }
  if (!fields.every((field) => /^[\d*,/-]+$/.test(field.replace(NAMES, '1')))) {
    throw wrong('schedule', 'may hold numbers, names of months and days, *, comma, - and / only');
  }
  try {
    return CronExpressionParser.parse(fields.join(' '), { tz: 'UTC' });
  } catch (error) {
    throw wrong(
      'schedule',
      `"${schedule}" is no cron expression: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function zoneOf(timezone: string | null): TimeZone {
  try {
    return new TimeZone(timezone ?? 'UTC');
  } catch {
    throw wrong('timezone', `"${timezone ?? ''}" is no time zone; use a name such as Europe/Berlin`);
  }
}

function wrong(field: string, problem: string): LongrunError {
  return new LongrunError('VALIDATION_FAILED', `${field}: ${problem}`, { details: { field } });
}
