// The hot tail: a batch of events appended if it continues the tail, and published, in one script call under every policy, beside
// ways that cost more. A subscriber in the same process receives everything, and every event is checked. Run after a build:
//   node benchmarks/redis-core/hot-tail.mjs [--rounds 5]
import { parseArgs } from 'node:util';

import { appendTail, decodeTailMessage, ResilientRedisClient } from '@longrun/redis-core';

import { closedLoop, interleave, machine, table } from './measure.mjs';
import { startServers } from './server.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const CONCURRENCY = 50;
const DATA = JSON.stringify({ text: 'x'.repeat(180) });

const servers = await startServers();
const redis = new ResilientRedisClient({ url: servers.url, maxConcurrentOps: 100 });
await redis.init();

/** Every loop is a run of its own, with its own tail and its own numbers. */
function contender(name, perCall, append, isListening = true) {
  let generation = 0;
  return {
    name,
    async run() {
      generation += 1;
      const runs = Array.from({ length: CONCURRENCY }, (_, i) => ({
        id: `${name}:${generation}:${i}`,
        next: 0,
      }));
      const calls = Math.floor(100_000 / perCall);
      const received = new Map();
      const subscriptions = (isListening ? runs : []).map(({ id }) => {
        received.set(id, 0);
        return redis.kit.subscriber.subscribe(`events:${id}`, (message) => {
          for (const { seq } of decodeTailMessage(message).events) {
            if (seq !== received.get(id)) throw new Error(`${id}: got ${seq}, expected ${received.get(id)}`);
            received.set(id, seq + 1);
          }
        });
      });
      await Promise.all(subscriptions.map(({ ready }) => ready));
      const { rate, cpuMicros } = await closedLoop(
        async (i) => {
          const run = runs[i % CONCURRENCY];
          const first = run.next;
          run.next += perCall;
          await append(
            run.id,
            Array.from({ length: perCall }, (_, k) => ({ seq: first + k, event: 'messages', data: DATA })),
          );
        },
        calls,
        CONCURRENCY,
      );
      const sum = () => (isListening ? [...received.values()].reduce((a, b) => a + b, 0) : calls * perCall);
      const kept = await redis.xrevrange(`tail:${runs[0].id}`, '+', '-', { count: 1 });
      if (kept[0]?.id !== `${runs[0].next}-0`) throw new Error(`${name}: the tail ends at ${kept[0]?.id}`);
      const deadline = performance.now() + 10_000;
      while (sum() < calls * perCall && performance.now() < deadline)
        await new Promise((r) => setTimeout(r, 5));
      if (sum() !== calls * perCall) throw new Error(`${name}: ${calls * perCall - sum()} events lost`);
      for (const { unsubscribe } of subscriptions) unsubscribe();
      await redis.execute(['FLUSHALL'], { idempotent: true });
      return { rate: rate * perCall, cpuMicros: cpuMicros / perCall };
    },
  };
}

const target = (id) => ({
  tailKey: `tail:${id}`,
  channel: `events:${id}`,
  maxLength: 1_000,
  ttlMs: 600_000,
  publishLimitBytes: 65_536,
});

const CONTENDERS = [
  contender('append-tail, 1 event per call', 1, (id, records) => appendTail(redis, target(id), records)),
  contender('the same, nobody listening', 1, (id, records) => appendTail(redis, target(id), records), false),
  contender('append-tail, 10 events per call', 10, (id, records) => appendTail(redis, target(id), records)),
  contender('append-tail, 50 events per call', 50, (id, records) => appendTail(redis, target(id), records)),
  contender('XADD, PEXPIRE and PUBLISH, awaited together', 1, (id, [{ seq, event, data }]) =>
    Promise.all([
      redis.execute(['XADD', `tail:${id}`, 'MAXLEN', '~', 1_000, `${seq + 1}-0`, 'e', event, 'd', data]),
      redis.pexpire(`tail:${id}`, 600_000),
      redis.publish(`events:${id}`, `${seq}\t${event}\t${data}`),
    ]),
  ),
];

try {
  console.log(
    `${machine()}; ${rounds} interleaved rounds, medians; ${CONCURRENCY} runs at a time, events of 200 bytes\n`,
  );
  const medians = await interleave(CONTENDERS, rounds, ({ run }) => run());
  const rows = [...medians].map(([name, { rate, cpuMicros }]) => [
    name,
    Math.round(rate).toLocaleString('en'),
    cpuMicros.toFixed(1),
  ]);
  console.log(
    table(['way', 'events per second', 'client CPU per event, µs (appending and receiving)'], rows),
  );
} finally {
  await redis.close();
  await servers.stop();
}
