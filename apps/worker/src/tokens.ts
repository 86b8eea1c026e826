/**
 * Injection tokens of things that are no classes.
 */
export const BUS = Symbol('RunEventBus');
export const LOGGER = Symbol('Logger');
export const METRICS = Symbol('MetricsRegistry');
