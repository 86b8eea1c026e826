// What the policies cost, operation by operation, without Redis. Run after a build of packages/redis-core:
//   node benchmarks/redis-core/policies.mjs [--rounds 9]
import { parseArgs } from 'node:util';

import { Batcher } from '../../packages/redis-core/dist/policies/batcher.js';
import { CircuitBreaker } from '../../packages/redis-core/dist/policies/circuit-breaker.js';
import { RecoveryQueue } from '../../packages/redis-core/dist/policies/recovery-queue.js';
import { RetryBudget } from '../../packages/redis-core/dist/policies/retry-budget.js';
import { retry } from '../../packages/redis-core/dist/policies/retry.js';
import { Semaphore } from '../../packages/redis-core/dist/policies/semaphore.js';
import { machine, median, table } from './measure.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
/** Keeps results alive that nobody needs, so that they are not optimised away. */
let sink;

const free = new Semaphore({ permits: 100, maxWaiting: 100 });
const closed = new CircuitBreaker();
const slowAware = new CircuitBreaker({ slowCallMs: 500 });
const open = new CircuitBreaker({ openMs: 60_000, maxOpenMs: 60_000 });
for (let i = 0; i < 20; i += 1) open.fail(open.tryEnter());
const failing = new CircuitBreaker({ failureRate: 1, windowMs: 3_600_000 });
for (let i = 0; i < 20_000; i += 1) failing.succeed(failing.tryEnter());
const budget = new RetryBudget();
const done = Promise.resolve();
const retryOptions = { idempotent: true, attempts: 3, deadline: Infinity, budget };

/** Each runs `n` operations; `budgetNs` is what one may cost. */
const CASES = [
  {
    name: 'semaphore: tryAcquire + release, nobody waits',
    budgetNs: 150,
    n: 1_000_000,
    run: (n) => {
      for (let i = 0; i < n; i += 1) {
        sink = free.tryAcquire();
        free.release();
      }
    },
  },
  {
    name: 'semaphore: wait and hand over, 1 permit, 1,000 wait',
    n: 50_000,
    run: (n) => handOver(n, 1_000),
  },
  {
    name: 'semaphore: wait and hand over, 1 permit, 100,000 wait',
    n: 100_000,
    run: (n) => handOver(n, 100_000),
  },
  {
    name: 'semaphore: the same without promises, 1,000 wait',
    n: 100_000,
    run: (n) => {
      const semaphore = new Semaphore({ permits: 1, maxWaiting: 1_000 });
      const taker = { granted: () => undefined, refused: () => undefined };
      semaphore.tryAcquire();
      for (let i = 0; i < n; i += 1) {
        if (i >= 1_000) semaphore.release();
        semaphore.request(taker, 1);
      }
      semaphore.close();
    },
  },
  {
    name: 'breaker, closed: tryEnter + succeed',
    budgetNs: 200,
    n: 1_000_000,
    run: (n) => {
      for (let i = 0; i < n; i += 1) closed.succeed(closed.tryEnter(), 1);
    },
  },
  {
    name: 'breaker, closed, with a limit for slow calls',
    budgetNs: 200,
    n: 1_000_000,
    run: (n) => {
      for (let i = 0; i < n; i += 1) slowAware.succeed(slowAware.tryEnter(), i & 255);
    },
  },
  {
    name: 'breaker, open: tryEnter + refusal (an error without a stack)',
    budgetNs: 500,
    n: 200_000,
    run: (n) => {
      for (let i = 0; i < n; i += 1) if (open.tryEnter() === 0) sink = open.refusal('GET');
    },
  },
  {
    name: 'beside it: new Error with a stack of ten',
    n: 50_000,
    run: (n) =>
      deeper(10, () => {
        for (let i = 0; i < n; i += 1) sink = new Error('GET was not sent: the circuit is open.');
      }),
  },
  {
    name: 'breaker: tryEnter + fail, with 20,000 calls in the window',
    n: 1_000_000,
    run: (n) => {
      for (let i = 0; i < n; i += 1) failing.fail(failing.tryEnter());
    },
  },
  {
    name: 'retry: an operation that succeeds',
    n: 200_000,
    run: async (n) => {
      for (let i = 0; i < n; i += 1) await retry(() => done, retryOptions);
    },
  },
  {
    name: 'beside it: the same operation, awaited',
    n: 200_000,
    run: async (n) => {
      for (let i = 0; i < n; i += 1) await (() => done)();
    },
  },
  {
    name: 'retry budget: recordCall',
    n: 1_000_000,
    run: (n) => {
      for (let i = 0; i < n; i += 1) budget.recordCall();
    },
  },
  {
    name: 'recovery queue: offer and drain, 10,000 entries',
    n: 10_000,
    run: async (n) => {
      const queue = new RecoveryQueue({ rampMs: 0 });
      const all = [];
      for (let i = 0; i < n; i += 1) all.push(queue.offer(work(i)));
      queue.start();
      await Promise.all(all);
      await queue.close();
    },
  },
  {
    name: 'recovery queue: offer when it is full, which drops the oldest',
    n: 50_000,
    run: async (n) => {
      const queue = new RecoveryQueue({ maxEntries: 10_000 });
      for (let i = 0; i < n; i += 1) void queue.offer(work(i));
      await queue.close();
    },
  },
  {
    name: 'batcher: add and answer, 64 of a key together',
    n: 64_000,
    run: async (n) => {
      const batcher = new Batcher({ flush: async (_key, items) => items });
      const all = [];
      for (let i = 0; i < n; i += 1) all.push(batcher.add(`key ${i % 100}`, i, 100));
      await Promise.all(all);
      await batcher.close(1_000);
    },
  },
];

async function handOver(n, waiting) {
  const semaphore = new Semaphore({ permits: 1, maxWaiting: waiting });
  semaphore.tryAcquire();
  const acquired = [];
  for (let i = 0; i < waiting; i += 1) acquired.push(semaphore.acquire({ maxWaitMs: 2_000 + (i & 7) }));
  for (let i = waiting; i < n; i += 1) {
    semaphore.release();
    acquired.push(semaphore.acquire({ maxWaitMs: 2_000 + (i & 7) }));
  }
  for (let i = 0; i < waiting; i += 1) semaphore.release();
  await Promise.all(acquired);
  semaphore.close();
}

function work(i) {
  return {
    key: `key ${i}`,
    priority: i % 4 === 0 ? 'high' : 'normal',
    bytes: 256,
    write: () => done,
    attempts: 8,
    baseDelayMs: 500,
    maxDelayMs: 30_000,
    expiresAfterMs: 300_000,
    idempotent: true,
  };
}

function deeper(frames, run) {
  return frames === 0 ? run() : deeper(frames - 1, run);
}

// Every case once per round, in turns, so that what else the machine does falls on all of them; two rounds warm up.
const samples = CASES.map(() => []);
for (let round = -2; round < rounds; round += 1) {
  for (const [i, { n, run }] of CASES.entries()) {
    const startedAt = performance.now();
    await run(n);
    const ns = ((performance.now() - startedAt) * 1e6) / n;
    if (round >= 0) samples[i].push(ns);
  }
}
open.close();
const rows = CASES.map(({ name, budgetNs }, i) => {
  const cost = Math.round(median(samples[i]));
  const verdict = budgetNs === undefined ? '' : `${budgetNs} ns: ${cost <= budgetNs ? 'kept' : 'EXCEEDED'}`;
  return [name, `${cost.toLocaleString('en')} ns`, verdict];
});
console.log(`${machine()}; ${rounds} interleaved rounds, medians\n`);
console.log(table(['operation', 'cost', 'budget'], rows));
if (sink === undefined) throw new Error('Nothing was measured.');
