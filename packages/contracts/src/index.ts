/**
 * `@longrun/contracts`: what the processes agree on. No dependencies and no behaviour beyond small pure functions.
 */
export * from './checkpoint-sql.js';
export * from './defaults.js';
export * from './errors.js';
export * from './protocol-records.js';
export * from './redis-keys.js';
export * from './run-events.js';
export * from './run-kwargs.js';
export * from './run-queue.js';
export * from './run-status.js';
export * from './sql-condition.js';
export * from './store-ttl.js';
export * from './test-points.js';
export * from './wire.js';
export * from './worker-control.js';
