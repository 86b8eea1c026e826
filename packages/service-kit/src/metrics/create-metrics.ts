/**
 * Prometheus metrics of one process. Names begin with `longrun_`.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Before the names of the metrics of the Redis client. */
export const REDIS_METRICS_PREFIX = 'longrun_redis_';

export { Counter, Gauge, Histogram, Registry };

/**
 * How often the event loop is woken to measure its delay, milliseconds: as often as 10 ms, the library's default, it is most of what an idle
 * process does. A loop that is on time shows as this much in `longrun_nodejs_eventloop_lag_*_seconds`.
 */
const LOOP_DELAY_RESOLUTION_MS = 50;

/** A registry with the metrics of the process itself, labelled with the service's name. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({
    register: registry,
    prefix: 'longrun_',
    eventLoopMonitoringPrecision: LOOP_DELAY_RESOLUTION_MS,
  });
  return registry;
}
