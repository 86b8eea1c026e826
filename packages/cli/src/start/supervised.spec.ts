/**
 * What is started again, and what is not.
 */
import { describe, expect, it } from '@jest/globals';

import { Supervised } from './supervised.js';
import type { Running } from './supervised.js';

interface Fake extends Running {
  die(): void;
}

let nextPid = 1;

function fake(): Fake {
  let die: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => (die = resolve));
  return {
    pid: nextPid++,
    exited,
    die,
    stop: () => {
      die();
      return exited;
    },
  };
}

function supervise(restart: boolean, launch: () => Promise<Fake>) {
  const seen: Fake[] = [];
  const notes: string[] = [];
  let noticed: () => void = () => undefined;
  const supervised = new Supervised<Fake>({
    name: 'fake',
    restart,
    launch,
    onRunning: (process) => {
      seen.push(process);
      noticed();
    },
    note: (sentence) => {
      notes.push(sentence);
      noticed();
    },
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => (noticed = resolve));
  };
  return { supervised, seen, notes, until };
}

describe('a supervised process', () => {
  it('is started again when it dies, after a failed start too', async () => {
    let launches = 0;
    const { supervised, seen, notes, until } = supervise(true, () => {
      launches += 1;
      return launches === 2 ? Promise.reject(new Error('no luck')) : Promise.resolve(fake());
    });
    (await supervised.start()).die();
    await until(() => seen.length === 2);
    expect(launches).toBe(3);
    expect(notes.join('\n')).toMatch(/has died; starting it again in 0.25 s[\s\S]*no luck[\s\S]*in 0.5 s/);
    await supervised.stop();
    expect(launches).toBe(3);
  });

  it('stays dead when nobody wants it back', async () => {
    const { supervised, seen, notes, until } = supervise(false, () => Promise.resolve(fake()));
    (await supervised.start()).die();
    await until(() => notes.length === 1);
    await supervised.stop();
    expect(seen).toHaveLength(1);
    expect(notes).toEqual([expect.stringContaining('stays dead')]);
  });

  it('passes on that it could not be started at all', async () => {
    const { supervised } = supervise(true, () => Promise.reject(new Error('no luck')));
    await expect(supervised.start()).rejects.toThrow('no luck');
    await supervised.stop();
  });

  it('is stopped also when that happens in the middle of its start', async () => {
    const process = fake();
    let launched: (process: Fake) => void = () => undefined;
    const { supervised } = supervise(true, () => new Promise((resolve) => (launched = resolve)));
    const starting = supervised.start();
    const stopping = supervised.stop();
    launched(process);
    await starting;
    await stopping;
    await process.exited;
  });
});
