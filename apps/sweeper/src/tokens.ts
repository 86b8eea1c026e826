/**
 * Injection tokens of things that are no classes.
 */
export const METRICS = Symbol('MetricsRegistry');
