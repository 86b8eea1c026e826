/**
 * Prometheus metrics of one process. Names begin with `longrun_`.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Before the names of the metrics of the Redis client. */
export const REDIS_METRICS_PREFIX = 'longrun_redis_';

export { Counter, Gauge, Histogram, Registry };

/** A registry with the metrics of the process itself, labelled with the service's name. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, prefix: 'longrun_' });
  return registry;
}
