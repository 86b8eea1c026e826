import { describe, expect, it } from '@jest/globals';
import { CronSchedule } from './cron-schedule.js';

const NEW_YORK = 'America/New_York';

/** The ticks after an instant, without the seconds. */
function ticks(schedule: string, timezone: string | null, after: string, count: number): string[] {
  const cron = new CronSchedule(schedule, timezone);
  const found: string[] = [];
  let tick: Date | null = new Date(after);
  while (found.length < count && (tick = cron.next(tick))) found.push(tick.toISOString().slice(0, 16));
  return found;
}

describe('a schedule', () => {
  it.each<[string, string | null, string, string[]]>([
    ['* * * * *', null, '2026-11-01T04:45:30Z', ['2026-11-01T04:46', '2026-11-01T04:47']],
    ['*/15 9-10 * * MON-FRI', 'UTC', '2026-11-01T00:00:00Z', ['2026-11-02T09:00', '2026-11-02T09:15']],
    ['0 12 * * 7', null, '2026-11-01T12:00:00Z', ['2026-11-08T12:00', '2026-11-15T12:00']],
    ['0 0 13 * FRI', null, '2026-11-06T00:00:00Z', ['2026-11-13T00:00', '2026-11-20T00:00']],
    ['0 0 29 feb *', null, '2026-11-01T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['30 9 * * *', 'Asia/Kolkata', '2026-11-01T00:00:00Z', ['2026-11-01T04:00', '2026-11-02T04:00']],
    ['0 9 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T08:00', '2026-10-26T08:00']],
    ['0 9 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', ['2026-03-28T08:00', '2026-03-29T07:00']],
  ])('%s in %s comes due after %s at %j', (schedule, timezone, after, expected) => {
    expect(ticks(schedule, timezone, after, expected.length)).toEqual(expected);
  });

  it.each([
    ['', /schedule: must have five fields .*, not 0/],
    ['* * * *', /not 4/],
    ['* * * * * *', /not 6/],
    ['@daily', /not 1/],
    ['61 * * * *', /"61 \* \* \* \*" is no cron expression/],
    ['*/0 * * * *', /no cron expression/],
    ['5-1 * * * *', /no cron expression/],
    ['H * * * *', /numbers, names/],
    ['0 0 L * *', /numbers, names/],
    ['0 0 ? * *', /numbers, names/],
    ['0 0 31 2 *', /schedule/],
    ['0 0 31 4,6,9,11 *', /schedule/],
  ])('"%s" is refused', (schedule, message) => {
    expect(() => new CronSchedule(schedule, null)).toThrow(message);
  });

  it('needs a time zone that exists', () => {
    expect(() => new CronSchedule('* * * * *', 'Mars/Crater')).toThrow(
      /timezone: "Mars\/Crater" is no time zone/,
    );
  });
});

describe('in the night in which the clock is put forward', () => {
  // New York, 8 March 2026: 02:00 to 03:00 is left out at 07:00 UTC.
  it.each<[string, string[]]>([
    ['30 2 * * *', ['2026-03-08T07:00', '2026-03-09T06:30']],
    ['0 2,3 * * *', ['2026-03-08T07:00', '2026-03-09T06:00', '2026-03-09T07:00']],
    ['15,45 2 * * *', ['2026-03-08T07:00', '2026-03-09T06:15', '2026-03-09T06:45']],
    ['30 3 * * *', ['2026-03-08T07:30', '2026-03-09T07:30']],
    ['*/30 2 * * *', ['2026-03-09T06:00', '2026-03-09T06:30']],
    ['30 * * * *', ['2026-03-08T05:30', '2026-03-08T06:30', '2026-03-08T07:30']],
    ['0 */2 * * *', ['2026-03-08T08:00', '2026-03-08T10:00']],
  ])('%s comes due at %j', (schedule, expected) => {
    expect(ticks(schedule, NEW_YORK, '2026-03-08T05:15:00Z', expected.length)).toEqual(expected);
  });
});

describe('in the night in which the clock is put back', () => {
  // New York, 1 November 2026: 01:00 to 02:00 is shown at 05:00 and again at 06:00 UTC.
  it.each<[string, string[]]>([
    ['30 1 * * *', ['2026-11-01T05:30', '2026-11-02T06:30']],
    ['0,30 1 * * *', ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-02T06:00']],
    ['0 1,13 * * *', ['2026-11-01T05:00', '2026-11-01T18:00', '2026-11-02T06:00']],
    ['0 2 * * *', ['2026-11-01T07:00', '2026-11-02T07:00']],
    ['0 * * * *', ['2026-11-01T05:00', '2026-11-01T06:00', '2026-11-01T07:00']],
    [
      '*/30 1 * * *',
      ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30', '2026-11-02T06:00'],
    ],
    [
      '*/30 1 1 11 *',
      ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30', '2027-11-01T05:00'],
    ],
  ])('%s comes due at %j', (schedule, expected) => {
    expect(ticks(schedule, NEW_YORK, '2026-11-01T04:00:00Z', expected.length)).toEqual(expected);
  });

  it('a time of the day does not come again for somebody who asks between its two showings', () => {
    for (const between of ['2026-11-01T05:45:00Z', '2026-11-01T06:10:00Z']) {
      expect(ticks('30 1 * * *', NEW_YORK, between, 1)).toEqual(['2026-11-02T06:30']);
    }
  });

  it('holds where the clock changes by half an hour, and where it changes at midnight', () => {
    expect(ticks('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:00:00Z', 2)).toEqual([
      '2026-04-04T14:45',
      '2026-04-05T15:15',
    ]);
    expect(ticks('*/15 1 * * *', 'Australia/Lord_Howe', '2026-04-04T13:50:00Z', 6)).toEqual([
      '2026-04-04T14:00',
      '2026-04-04T14:15',
      '2026-04-04T14:30',
      '2026-04-04T14:45',
      '2026-04-04T15:00',
      '2026-04-04T15:15',
    ]);
    expect(ticks('0 0 * * *', 'America/Santiago', '2026-09-05T05:00:00Z', 2)).toEqual([
      '2026-09-06T04:00',
      '2026-09-07T03:00',
    ]);
  });
});

describe('a catch-up', () => {
  const catchUp = (schedule: string, due: string, now: string) => {
    const { tick, skipped, next } = new CronSchedule(schedule, null).catchUp(new Date(due), new Date(now));
    return [tick.toISOString().slice(0, 16), skipped, next?.toISOString().slice(0, 16)];
  };

  it('fires the tick that is due when nothing was missed', () => {
    expect(catchUp('0 * * * *', '2026-11-01T05:00:00Z', '2026-11-01T05:00:00Z')).toEqual([
      '2026-11-01T05:00',
      0,
      '2026-11-01T06:00',
    ]);
  });

  it('fires the newest of the missed ticks and counts the others', () => {
    expect(catchUp('0 * * * *', '2026-11-01T05:00:00Z', '2026-11-01T08:59:59Z')).toEqual([
      '2026-11-01T08:00',
      3,
      '2026-11-01T09:00',
    ]);
  });

  it('finds the newest of very many without counting them all', () => {
    expect(catchUp('* * * * *', '2020-01-01T00:00:00Z', '2026-11-01T08:59:59Z')).toEqual([
      '2026-11-01T08:59',
      200,
      '2026-11-01T09:00',
    ]);
    expect(catchUp('0 0 1 * *', '1990-01-01T00:00:00Z', '2026-11-01T08:59:59Z')).toEqual([
      '2026-11-01T00:00',
      200,
      '2026-12-01T00:00',
    ]);
  });
});
