import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Capabilities } from './capabilities.js';
import type { CapabilityName } from './capability.js';

describe('the capabilities of a process', () => {
  const there = new Map<CapabilityName, boolean>();
  let lines: { level: number; msg: string; capability: string; awaySeconds?: number; reason?: string }[];
  let metrics: Registry;
  let capabilities: Capabilities;

  beforeEach(() => {
    jest.useFakeTimers();
    lines = [];
    metrics = new Registry();
    const log = pino({}, { write: (line) => lines.push(JSON.parse(line) as (typeof lines)[number]) });
    capabilities = new Capabilities(log, metrics);
    for (const name of ['postgres', 'redis', 'push', 'sweeper'] as const) {
      there.set(name, true);
      capabilities.add(name, { isThere: () => there.get(name) === true, reason: () => `${name} is cut off` });
    }
    capabilities.start();
  });
  afterEach(() => {
    capabilities.close();
    jest.useRealTimers();
  });

  const set = (name: CapabilityName, isThere: boolean): void => {
    there.set(name, isThere);
    capabilities.look();
  };
  const said = () => lines.splice(0).map(({ level, msg }) => `${level} ${msg.split(':')[0] ?? ''}`);
  const gauge = async (name: CapabilityName) => {
    const text = await metrics.metrics();
    return new RegExp(`^longrun_capability_available\\{capability="${name}"\\} (.)$`, 'm').exec(text)?.[1];
  };

  it('say nothing while all are there', async () => {
    capabilities.look();
    expect([said(), capabilities.missing, await gauge('redis')]).toEqual([[], [], '1']);
  });

  it('say once that one is away, however often somebody looks, and what that means', async () => {
    set('redis', false);
    for (let i = 0; i < 100; i += 1) capabilities.look();
    jest.advanceTimersByTime(60_000);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 40,
        capability: 'redis',
        reason: 'redis is cut off',
        msg: expect.stringMatching(/^Redis is away: streams follow the log in Postgres/),
      }),
    ]);
    expect([capabilities.missing, await gauge('redis'), await gauge('postgres')]).toEqual([
      ['redis'],
      '0',
      '1',
    ]);
  });

  it('say once that it is back, and for how many seconds it was away', async () => {
    set('redis', false);
    jest.advanceTimersByTime(12_340);
    set('redis', true);
    capabilities.look();
    expect(lines.slice(1)).toEqual([
      expect.objectContaining({ level: 30, awaySeconds: 12.3, msg: 'Redis is back after 12.3 s' }),
    ]);
    expect(await gauge('redis')).toBe('1');
  });

  it('tell every loss anew', () => {
    for (const isThere of [false, true, false, true]) set('postgres', isThere);
    expect(said()).toEqual([
      '40 Postgres is away',
      '30 Postgres is back after 0 s',
      '40 Postgres is away',
      '30 Postgres is back after 0 s',
    ]);
  });

  it('leave what follows from the loss of another to the line of that one', async () => {
    set('redis', false);
    set('push', false);
    jest.advanceTimersByTime(60_000);
    expect([await gauge('push'), capabilities.missing]).toEqual(['0', ['redis', 'push']]);
    set('redis', true);
    jest.advanceTimersByTime(2_900);
    set('push', true);
    expect(said()).toEqual(['40 Redis is away', '30 Redis is back after 60 s']);
  });

  it('tell what stays away although the other is back, after its patience and without anybody looking', () => {
    set('redis', false);
    set('push', false);
    jest.advanceTimersByTime(10_000);
    set('redis', true);
    said();
    jest.advanceTimersByTime(2_999);
    expect(said()).toEqual([]);
    jest.advanceTimersByTime(2);
    expect(said()).toEqual(['40 The push of events is away']);
  });

  it('begin the patience anew when the other is back, for what went before it', () => {
    set('push', false);
    jest.advanceTimersByTime(1_000);
    set('redis', false);
    jest.advanceTimersByTime(10_000);
    set('redis', true);
    jest.advanceTimersByTime(2_900);
    set('push', true);
    expect(said()).toEqual(['40 Redis is away', '30 Redis is back after 10 s']);
  });

  it('write no line about a loss shorter than its patience', async () => {
    set('sweeper', false);
    expect(await gauge('sweeper')).toBe('0');
    jest.advanceTimersByTime(4_900);
    set('sweeper', true);
    jest.advanceTimersByTime(60_000);
    expect(said()).toEqual([]);
  });

  it('write nothing before the process has started, and then what is still away', () => {
    capabilities.close();
    set('redis', false);
    set('postgres', false);
    set('postgres', true);
    expect(said()).toEqual([]);
    capabilities.start();
    expect(said()).toEqual(['40 Redis is away']);
  });

  it('write nothing while the process stops', () => {
    capabilities.close();
    set('redis', false);
    set('sweeper', false);
    jest.advanceTimersByTime(60_000);
    expect(said()).toEqual([]);
  });

  it('are asked for at a scrape where nothing tells of a change', async () => {
    let answers = true;
    let isThere = true;
    capabilities.add('queue', { isThere: () => isThere, ask: async () => (isThere = answers) });
    answers = false;
    expect(await gauge('queue')).toBe('0');
    expect(said()).toEqual(['40 The queue is away']);
  });
});
