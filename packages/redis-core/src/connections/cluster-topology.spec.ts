/**
 * When the map of a cluster is read, on a clock that stands still: not too often, not too late, one question at a time.
 */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { ClusterTopology } from './cluster-topology.js';
import type { Dialer } from './dialer.js';
import { RedisError } from '../redis-error.js';

const A = { host: 'a', port: 1 };
const B = { host: 'b', port: 1 };
const ALL_AT_A = [[0, 16_383, ['a', 1, 'id']]];

/** A server that answers when the test wants it to. */
class Member {
  readonly node = A;
  asked = 0;
  private waiting: ((reply: unknown) => void)[] = [];
  readonly channel = {
    call: (): Promise<unknown> => {
      this.asked += 1;
      return new Promise((resolve) => this.waiting.push(resolve));
    },
  };

  async answer(reply: unknown = ALL_AT_A): Promise<void> {
    for (const resolve of this.waiting.splice(0)) resolve(reply);
    await jest.advanceTimersByTimeAsync(0);
  }
}

let member: Member;
let topology: ClusterTopology;
let changes: (number | undefined)[];
let failures: string[];
let dials: number;

function moved(message: string): RedisError {
  const code = message.split(' ')[0] ?? '';
  return new RedisError('not-executed', code, 'refused', { cause: new Error(message) });
}

beforeEach(() => {
  jest.useFakeTimers();
  member = new Member();
  dials = 0;
  const dialer = {
    settings: { address: { kind: 'cluster', seeds: [A, B] } },
    open: () => {
      dials += 1;
      return Promise.reject(new Error('nobody there'));
    },
  } as unknown as Dialer;
  topology = new ClusterTopology(dialer);
  changes = [];
  failures = [];
  topology.onChange((_map, slot) => changes.push(slot));
  topology.onFailed((reason) => failures.push(reason));
});
afterEach(async () => {
  const closing = topology.close();
  await member.answer();
  await closing;
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('the map of a cluster', () => {
  beforeEach(async () => {
    topology.preferMembers(() => [member]);
    topology.start();
    await member.answer();
  });

  it('is read at the start from a server that is connected, and again every half a minute', async () => {
    expect([member.asked, dials, changes]).toEqual([1, 0, [undefined]]);
    expect(topology.slots?.ownerOf(7)).toEqual(A);
    await jest.advanceTimersByTimeAsync(29_000);
    expect(member.asked).toBe(1);
    await jest.advanceTimersByTimeAsync(1_200);
    expect(member.asked).toBe(2);
  });

  it('is read once for all hints that come while it is being read or shortly after, and once more then', async () => {
    await jest.advanceTimersByTimeAsync(1_000);
    topology.request();
    topology.request();
    await jest.advanceTimersByTimeAsync(0);
    expect(member.asked).toBe(2);
    // The answer on its way may be older than these hints.
    for (let i = 0; i < 100; i += 1) topology.request();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(member.asked).toBe(2);
    await member.answer();
    await jest.advanceTimersByTimeAsync(90);
    expect(member.asked).toBe(2);
    await jest.advanceTimersByTimeAsync(20);
    expect(member.asked).toBe(3);
    await member.answer();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(member.asked).toBe(3);
  });

  it('takes up at once what a server says of a slot, and asks for the rest', async () => {
    await jest.advanceTimersByTimeAsync(1_000);
    expect(topology.learn(moved('MOVED 7 b:1'), A)).toEqual({ slot: 7, node: B });
    expect([6, 7].map((slot) => topology.slots?.ownerOf(slot))).toEqual([A, B]);
    expect(changes).toEqual([undefined, 7]);
    await jest.advanceTimersByTimeAsync(0);
    expect(member.asked).toBe(2);
    // Known already.
    topology.learn(moved('MOVED 7 b:1'), A);
    expect(changes).toEqual([undefined, 7]);
  });

  it('is not changed by a key that is elsewhere while its slot moves', () => {
    expect(topology.learn(moved('ASK 7 b:1'), A)).toEqual({ slot: 7, node: B });
    expect(topology.slots?.ownerOf(7)).toEqual(A);
    expect(topology.learn(moved('TRYAGAIN now'), A)).toBeUndefined();
  });

  it('stays as it was when nobody answers, and is asked for with pauses that grow to a second', async () => {
    await jest.advanceTimersByTimeAsync(1_000);
    topology.request();
    await jest.advanceTimersByTimeAsync(0);
    await member.answer('nonsense');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/^no server of the cluster tells its slots \(a:1: .*list.*; .*; .*\)$/);
    // Strangers are asked in any order.
    expect(failures[0]).toMatch(/; a:1: nobody/);
    expect(failures[0]).toMatch(/; b:1: nobody/);
    expect(topology.slots?.ownerOf(7)).toEqual(A);
    for (let i = 0; i < 30; i += 1) {
      await jest.advanceTimersByTimeAsync(1_000);
      await member.answer('nonsense');
    }
    expect(failures.length).toBeGreaterThanOrEqual(30);
    await jest.advanceTimersByTimeAsync(1_000);
    await member.answer();
    expect(changes).toEqual([undefined, undefined]);
  });
});

describe('a cluster of which nobody is connected', () => {
  it('is asked for by connections of their own, to every server that is known', async () => {
    topology.start();
    await jest.advanceTimersByTimeAsync(0);
    expect(dials).toBe(2);
    expect(failures).toHaveLength(1);
    // A hint is no reason to ask those again at once who are not there.
    topology.request();
    await jest.advanceTimersByTimeAsync(0);
    expect(dials).toBe(2);
    await jest.advanceTimersByTimeAsync(60);
    expect(dials).toBeGreaterThanOrEqual(4);
  });
});
