// SET of 100 bytes through the client with every policy on, beside what people otherwise use. Run after a build:
//   node benchmarks/redis-core/commands.mjs [--rounds 5]
import { parseArgs } from 'node:util';

import { ResilientRedisClient } from '@longrun/redis-core';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

import { closedLoop, interleave, machine, table } from './measure.mjs';
import { startServers } from './server.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const VALUE = 'x'.repeat(100);
const EXCLUSIVE = 50;

/** Every contender: how it connects, and one SET. */
const CONTENDERS = [
  {
    name: 'redis-core, 100 permits',
    open: (url) => openKit(url, 100),
  },
  {
    name: 'redis-core, 1,000 permits',
    open: (url) => openKit(url, 1_000),
  },
  {
    name: 'ioredis',
    open: async (url) => {
      const redis = await connected(new Redis(url));
      return { set: (key) => redis.set(key, VALUE), close: () => redis.disconnect() };
    },
  },
  {
    name: 'ioredis, autopipelining',
    open: async (url) => {
      const redis = await connected(new Redis(url, { enableAutoPipelining: true }));
      return { set: (key) => redis.set(key, VALUE), close: () => redis.disconnect() };
    },
  },
  {
    name: 'pool of 50, one command at a time',
    open: async (url) => {
      const idle = await Promise.all(Array.from({ length: EXCLUSIVE }, () => connected(new Redis(url))));
      const all = [...idle];
      const waiting = [];
      return {
        set: async (key) => {
          const redis = idle.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
          try {
            return await redis.set(key, VALUE);
          } finally {
            const next = waiting.shift();
            if (next === undefined) idle.push(redis);
            else next(redis);
          }
        },
        close: () => all.forEach((redis) => redis.disconnect()),
      };
    },
  },
  {
    name: 'node-redis',
    open: async (url) => {
      const redis = createClient({ url });
      // It reports the end of its socket as an error, also when it was asked to close.
      redis.on('error', () => undefined);
      await redis.connect();
      return { set: (key) => redis.set(key, VALUE), close: () => redis.close() };
    },
  },
];

async function openKit(url, permits) {
  const redis = new ResilientRedisClient({ url, maxConcurrentOps: permits });
  await redis.init();
  return { set: (key) => redis.set(key, VALUE), close: () => redis.close() };
}

async function connected(redis) {
  await new Promise((resolve, reject) => redis.once('ready', resolve).once('error', reject));
  return redis;
}

/** Enough operations for a second or so on this kind of machine. */
function totalFor(concurrency, roundTripMs) {
  if (roundTripMs === 0) return concurrency === 1 ? 5_000 : 100_000;
  return Math.min(100_000, concurrency * 200);
}

const servers = await startServers();
try {
  console.log(
    `${machine()}; ${rounds} interleaved rounds, medians; SET of 100 bytes, operations per second\n`,
  );
  const delayed = await servers.delayed(2);
  for (const [title, url, roundTripMs] of [
    ['loopback', servers.url, 0],
    ['round trip 2 ms', delayed, 2],
  ]) {
    const rows = new Map(CONTENDERS.map(({ name }) => [name, [name]]));
    const concurrencies = [1, 10, 100, 1_000];
    for (const concurrency of concurrencies) {
      const opened = await Promise.all(
        CONTENDERS.map(async ({ name, open }) => ({ name, client: await open(url) })),
      );
      const total = totalFor(concurrency, roundTripMs);
      const medians = await interleave(opened, rounds, ({ client }) =>
        closedLoop((i) => client.set(`key:${i % 10_000}`), total, concurrency),
      );
      const plain = medians.get('ioredis').rate;
      for (const [name, { rate, cpuMicros }] of medians) {
        const ratio = (rate / plain).toFixed(2);
        rows
          .get(name)
          .push(`${Math.round(rate).toLocaleString('en')} (${ratio}×, ${cpuMicros.toFixed(1)} µs)`);
      }
      for (const { client } of opened) await client.close();
    }
    console.log(`### ${title}\n`);
    console.log(`${table(['client', ...concurrencies.map((c) => `c = ${c}`)], [...rows.values()])}\n`);
  }
  console.log('In brackets: ratio to plain ioredis at the same concurrency, and client CPU per operation.');
} finally {
  await servers.stop();
}
