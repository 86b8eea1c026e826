/**
 * Injection tokens of things that are no classes.
 */
export const POOL = Symbol('DatabasePool');
export const REDIS = Symbol('ResilientRedisClient, or null in single mode');
export const QUEUE = Symbol('RunQueue');
export const BUS = Symbol('RunEventBus');
export const GRAPHS = Symbol('GraphRegistry');
export const ITEMS = Symbol('ItemStore');
export const LOGGER = Symbol('Logger');
export const METRICS = Symbol('MetricsRegistry');
export const AUTH = Symbol('Authority, or null when everybody may do everything');
export const RUNNER = Symbol('Runner of single mode, or null');
export const SERVED_CONTROLLERS = Symbol('Controllers that are served');
