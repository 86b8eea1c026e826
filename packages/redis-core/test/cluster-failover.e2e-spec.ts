/**
 * A cluster that loses a master: what concerns the others goes on, everything settles in time and at most once, and
 * when a replica has taken over the kit finds it by itself.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askRedis, startTestRedisCluster, waitUntil } from '@longrun/testing';
import type { TestRedis, TestRedisCluster } from '@longrun/testing';
import keySlot from 'cluster-key-slot';

import { RedisError } from '../src/index.js';
import type { RedisKit } from '../src/index.js';
import { Kits } from './kits.js';
import { nextGap, nextKitEvent } from './signals.js';

const LIMIT_MS = 600;
/** A server is given up after a second of silence; the vote and the news take about another. */
const FAILOVER_LIMIT_MS = 15_000;
const kits = new Kits(LIMIT_MS);
let cluster: TestRedisCluster;
let victim: TestRedis;
let kit: RedisKit;

/** Pushes onto a list of the victim until told to stop; remembers what was said of every push. */
class Load {
  readonly results = new Map<string, string>();
  slowestMs = 0;
  private isOver = false;
  private readonly running: Promise<void>;

  constructor(private readonly key: string) {
    this.running = this.run();
    // Also when the test fails before it stops it.
    kits.closeAfterwards(() => this.stop());
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async run(): Promise<void> {
    for (let i = 0; !this.isOver; i += 1) {
      await Promise.all([0, 1, 2].map((j) => this.push(`${String(i)}-${String(j)}`)));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  private async push(id: string): Promise<void> {
    const startedAt = performance.now();
    try {
      await kit.command.call('RPUSH', this.key, id);
      this.results.set(id, 'done');
    } catch (error) {
      this.results.set(id, error instanceof RedisError ? error.outcome : String(error));
    }
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
  }
}

/** A key that another server than the victim has. */
async function keyElsewhere(): Promise<string> {
  for (const key of ['{a}', '{b}', '{c}', '{d}']) {
    if ((await cluster.masterOf(keySlot(key))) !== victim) return key;
  }
  throw new Error('The victim has all of these keys.');
}

async function untilTakenOver(): Promise<void> {
  const slot = keySlot('{victim}');
  await waitUntil(async () => (await cluster.masterOf(slot)) !== victim, { timeoutMs: FAILOVER_LIMIT_MS });
}

beforeEach(async () => {
  cluster = await startTestRedisCluster();
  victim = await cluster.masterOf(keySlot('{victim}'));
  kit = await kits.connect(cluster.url);
}, 60_000);
afterEach(async () => {
  await kits.closeAll();
  await cluster.stop();
});

describe('a master that is lost', () => {
  it.each(['killed', 'frozen'])(
    'because it was %s: commands settle in time and at most once, and all is well by itself',
    async (how) => {
      const elsewhere = await keyElsewhere();
      const messages: string[] = [];
      await kit.subscriber.subscribe('{victim}channel', (message) => messages.push(message)).ready;
      const gap = nextGap(kit);
      const load = new Load('{victim}list');
      await waitUntil(() => load.results.size > 50);

      const unavailable = nextKitEvent(kit, 'unavailable');
      if (how === 'killed') await victim.kill();
      else victim.signal('SIGSTOP');
      // Before the cluster has noticed, whatever does not concern the victim is served as always.
      expect(await kit.command.call('SET', elsewhere, '1')).toBe('OK');
      await unavailable;
      expect(kit.available).toBe(false);
      const available = nextKitEvent(kit, 'available');
      await untilTakenOver();
      await available;
      await gap;
      await waitUntil(() => [...load.results.values()].at(-1) === 'done', { timeoutMs: FAILOVER_LIMIT_MS });
      await load.stop();

      expect(load.slowestMs).toBeLessThan(LIMIT_MS + 150);
      const outcomes = new Set(load.results.values());
      expect([...outcomes].filter((one) => !['done', 'unknown', 'not-executed'].includes(one))).toEqual([]);
      expect(outcomes).toContain('not-executed');
      if (how === 'frozen') victim.signal('SIGCONT');
      const pushed = (await kit.command.call('LRANGE', '{victim}list', 0, -1)) as string[];
      expect(new Set(pushed).size).toBe(pushed.length);
      expect(pushed.filter((id) => load.results.get(id) === 'not-executed')).toEqual([]);

      await kit.command.call('SPUBLISH', '{victim}channel', 'after');
      await waitUntil(() => messages.includes('after'));
      const value = await kit.exclusive.use((connection) => connection.call('LLEN', '{victim}list'), {
        key: '{victim}list',
      });
      expect(value).toBe(pushed.length);
    },
    60_000,
  );

  it('counts as no failure to connect while others are there, so that they are not given up too', async () => {
    const failures: string[] = [];
    kit.on('connect-failed', (reason) => failures.push(reason));
    await victim.kill();
    await waitUntil(() => (kit.stats.roles.command?.failures.refused ?? 0) >= 3);
    expect(failures).toEqual([]);
  });
});

describe('a master that hands over', () => {
  it('is followed without a command failing, and is not asked any more', async () => {
    const load = new Load('{victim}list');
    await waitUntil(() => load.results.size > 50);
    const [, , [replica]] = (await askRedis(victim.port, 'ROLE')) as [string, number, [string, string][]];
    await askRedis(Number(replica?.[1]), 'CLUSTER', 'FAILOVER');
    await untilTakenOver();
    const seen = load.results.size;
    await waitUntil(() => load.results.size > seen + 50);
    await load.stop();
    const failed = [...load.results.values()].filter((one) => one !== 'done');
    expect(failed).toEqual([]);
    const pushed = (await kit.command.call('LRANGE', '{victim}list', 0, -1)) as string[];
    expect(pushed).toHaveLength(load.results.size);
    await waitUntil(
      async () => !String(await askRedis(victim.port, 'CLIENT', 'LIST')).includes('longrun:command'),
    );
  });
});
