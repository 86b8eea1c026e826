/**
 * `@longrun/local-services`: a real Postgres and a real Redis on this machine, for `longrun start` and for tests.
 */
export { NoDebianError, unpackDebianProgram } from './debian-program.js';
export type { DebianProgram } from './debian-program.js';
export { endProcess, goneWithin, signalIfAlive } from './end-process.js';
export type { EndingSteps } from './end-process.js';
export { findRedisServer } from './find-redis.js';
export type { FindRedisOptions } from './find-redis.js';
export { freePort, isPortFree, LOOPBACK } from './free-port.js';
export { LocalServiceError } from './local-service.js';
export type { LocalService, LocalServiceOptions } from './local-service.js';
export { commandLine, identify, isAlive, parentOf } from './process-identity.js';
export type { ProcessIdentity } from './process-identity.js';
export { lastLines, openLog } from './service-log.js';
export { startPostgres } from './start-postgres.js';
export type { PostgresOptions } from './start-postgres.js';
export { makeTemporaryDataDir, VOLATILE_POSTGRES } from './temporary.js';
export { startRedis, startRedisProgram } from './start-redis.js';
export type { RedisOptions, RedisProgramOptions } from './start-redis.js';
