/**
 * `@longrun/testing`: real databases, faults, and the checker of logs. For tests only. It stands on no package that it
 * helps to test; what starts the whole system is `@longrun/test-stack`.
 */
export { askRedis } from './ask-redis.js';
export { checkHistory } from './check-history.js';
export type { AttemptWrite, RunHistory } from './check-history.js';
export { checkRunLog } from './check-run-log.js';
export type { LogRecord, RunLogExpectations } from './check-run-log.js';
export { createEmptyDatabase } from './empty-database.js';
export type { TestDatabase } from './empty-database.js';
export { fencedBlocks, headingAnchors, pageLinks } from './markdown.js';
export type { FencedBlock, PageLink } from './markdown.js';
export { processTree, signalProcessTree } from './process-tree.js';
export { readSse } from './read-sse.js';
export type { ReadSseOptions, SseEvent } from './read-sse.js';
export { scrape } from './scrape.js';
export type { Scrape } from './scrape.js';
export { SeededRandom } from './seeded-random.js';
export { startTcpProxy } from './tcp-proxy.js';
export type { TcpProxy, TcpProxyTarget } from './tcp-proxy.js';
export { startTestPgBouncer } from './test-pgbouncer.js';
export type { TestPgBouncer } from './test-pgbouncer.js';
export { findTestRedisServer, startTestRedis } from './test-redis.js';
export type { TestRedis, TestRedisOptions } from './test-redis.js';
export { startTestRedisCluster } from './test-redis-cluster.js';
export type { SlotMove, TestRedisCluster } from './test-redis-cluster.js';
export { startTestSentinel } from './test-sentinel.js';
export type { TestSentinels } from './test-sentinel.js';
export { waitUntil } from './wait-until.js';
export type { WaitOptions } from './wait-until.js';
