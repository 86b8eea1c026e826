// Fires very many operations at once and says how much memory they hold while all of them wait, MiB. A process of its own: what is
// live in one that has run other tests cannot be told from what they left.
import { ResilientRedisClient } from '../dist/index.js';

const [url, operations] = process.argv.slice(2);
const redis = new ResilientRedisClient({ url, maxConcurrentOps: 100, operationTimeoutMs: 60_000 });
await redis.init();

/** Again and again: what was allocated while a collection was under way counts as live for that one. */
function liveMib() {
  for (let times = 0; times < 4; times += 1) globalThis.gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const before = liveMib();
const waiting = Array.from({ length: Number(operations) }, (_, index) =>
  redis.rpush('fired-at-once', String(index)),
);
process.stdout.write(String(liveMib() - before));
await Promise.all(waiting);
await redis.close();
