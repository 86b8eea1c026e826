/**
 * `@longrun/testing`: real databases, the real system, faults, and the checker of logs. For tests only.
 */
export { checkRunLog } from './check-run-log.js';
export type { LogRecord, RunLogExpectations } from './check-run-log.js';
export { signalProcessTree } from './process-tree.js';
export { readSse } from './read-sse.js';
export type { ReadSseOptions, SseEvent } from './read-sse.js';
export { startTcpProxy } from './tcp-proxy.js';
export type { TcpProxy } from './tcp-proxy.js';
export { createTestDatabase, findTestRedisServer, startTestRedis } from './test-services.js';
export type { TestDatabase, TestRedis } from './test-services.js';
export { startTestStack } from './test-stack.js';
export type { TestStack, TestStackOptions } from './test-stack.js';
export { waitUntil } from './wait-until.js';
export type { WaitOptions } from './wait-until.js';
