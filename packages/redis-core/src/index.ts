/**
 * `@longrun/redis-core`: the Redis kit every process shares. Framework-free; no other package opens a connection.
 */
export { CommandConnection } from './connections/command-connection.js';
export type { CommandChannel, CommandSink, RedisArgument } from './connections/command-channel.js';
export type { BullmqConnectionKind } from './connections/bullmq-connection.js';
export type { ConnectFailure } from './connections/connect-failure.js';
export type { ConnectionRole, ConnectionStats, RoleStats } from './connections/connection-stats.js';
export { ExclusiveConnection } from './connections/exclusive-connection.js';
export { ExclusivePool } from './connections/exclusive-pool.js';
export type { ExclusivePoolInfo, ExclusiveUseOptions } from './connections/exclusive-pool.js';
export type { ServerReport } from './connections/server-check.js';
export { TransactionError } from './connections/transaction.js';
export type { TransactionOptions, TransactionReads, TransactionWrites } from './connections/transaction.js';
export { RedisError, RedisServerError } from './redis-error.js';
export type { RedisOutcome, RedisServerErrorCode } from './redis-error.js';
export { createRedisKit } from './redis-kit.js';
export type { RedisKit } from './redis-kit.js';
export type { RedisSettings, ResolvedRedisSettings } from './redis-settings.js';
export { Subscriber } from './connections/subscriber.js';
export type { MessageListener, Subscription } from './connections/subscriber.js';
export { APPEND_TAIL, appendTail } from './scripts/append-tail.js';
export type { TailTarget } from './scripts/append-tail.js';
export { readTail } from './scripts/read-tail.js';
export type { RedisScript } from './scripts/redis-script.js';
export { decodeTailMessage, encodeTailAnnouncement, encodeTailEvents } from './scripts/tail-message.js';
export type { TailMessage, TailRecord } from './scripts/tail-message.js';
