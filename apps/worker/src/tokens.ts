/**
 * Injection tokens of things that are no classes.
 */
export const REDIS = Symbol('RedisKit');
export const LOGGER = Symbol('Logger');
export const METRICS = Symbol('MetricsRegistry');
