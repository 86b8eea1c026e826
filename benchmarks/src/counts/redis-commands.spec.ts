import { describe, expect, it } from '@jest/globals';
import { commandsBetween, parseCommandStats } from './redis-commands.js';

const stats = (get: number, xadd: number): string =>
  `# Commandstats\r\ncmdstat_get:calls=${String(get)},usec=1,usec_per_call=1.00\r\ncmdstat_client|setname:calls=1,usec=1\r\ncmdstat_xadd:calls=${String(xadd)},usec=9\r\ncmdstat_info:calls=7,usec=1\r\n`;

describe('the counts of Redis', () => {
  it('are read by command, without those of the one who asks', () => {
    expect(Object.fromEntries(parseCommandStats(stats(3, 5)))).toEqual({
      get: 3,
      'client|setname': 1,
      xadd: 5,
    });
  });

  it('are compared between two moments', () => {
    const grown = commandsBetween(parseCommandStats(stats(3, 5)), parseCommandStats(stats(3, 9)));
    expect(Object.fromEntries(grown)).toEqual({ xadd: 4 });
  });
});
