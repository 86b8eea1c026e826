/**
 * `@longrun/redis-core/metrics`: the state of a client for Prometheus. Everything is read when somebody scrapes; nothing is
 * paid per operation.
 */
import { Counter, Gauge } from 'prom-client';
import type { Metric, MetricValueWithName, Registry } from 'prom-client';

import { LATENCY_BUCKETS_MS } from '../client/latency-histogram.js';
import type { LatencyHistogram } from '../client/latency-histogram.js';
import type { ResilientRedisClient } from '../client/resilient-redis-client.js';

/** Where and under what names. */
export interface RedisMetricsOptions {
  /** Put before every name. Default `redis_`. */
  readonly prefix?: string;
}

const BREAKER_STATES = ['closed', 'open', 'half-open', 'isolated'] as const;

/**
 * Registers the metrics of a client.
 *
 * @throws Error when the registry has metrics of these names already
 */
export function registerRedisMetrics(
  client: ResilientRedisClient,
  registry: Registry,
  options: RedisMetricsOptions = {},
): void {
  const prefix = options.prefix ?? 'redis_';
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number | undefined): void => {
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.reset();
        else this.set(value);
      },
    });
  };
  const counter = (
    name: string,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number | undefined>>,
  ): void => {
    new Counter({
      name: prefix + name,
      help,
      labelNames: label === '' ? [] : [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count = 0] of Object.entries(read())) {
          if (label === '') this.inc(count);
          else this.inc({ [label]: value }, count);
        }
      },
    });
  };
  const info = (): ReturnType<typeof client.connectionInfo> => client.connectionInfo();
  const { stats, permits, breaker, kit } = client;

  gauge('available', '1 while operations are served.', () => (client.available ? 1 : 0));
  gauge('epoch', 'Number of the command connection.', () => kit.command.epoch);
  gauge('connections_open', 'Connections open now.', () => info().connections.open);
  counter('connections_created_total', 'Connections opened.', '', () => ({
    all: info().connections.created,
  }));
  gauge('connections_ceiling', 'Connections this process may open.', () => kit.settings.maxConnections);
  gauge('exclusive_in_use', 'Exclusive connections lent.', () => info().connections.exclusiveInUse);
  gauge(
    'exclusive_waiting',
    'Callers that wait for an exclusive connection.',
    () => info().connections.exclusiveWaiting,
  );
  counter(
    'connect_failures_total',
    'Attempts to connect that failed.',
    'reason',
    () => kit.stats.connectFailures,
  );
  counter('connections_lost_total', 'Connections that ended by themselves.', 'role', () => kit.stats.lost);

  gauge('permits', 'Operations that may be in flight.', () => permits.permits);
  gauge('permits_in_use', 'Permits taken.', () => permits.inUse);
  gauge('permits_waiting', 'Operations that wait for a permit.', () => permits.waiting);
  counter('permits_rejected_total', 'Operations that got no permit.', 'reason', () => permits.stats.rejected);
  gauge('in_flight', 'Commands sent and not settled.', () => stats.inFlight);

  new Gauge({
    name: `${prefix}breaker_state`,
    help: '1 for the state the circuit is in.',
    labelNames: ['state'],
    registers,
    collect() {
      const { kind } = breaker.state;
      for (const state of BREAKER_STATES) this.set({ state }, state === kind ? 1 : 0);
    },
  });
  counter('breaker_refused_total', 'Operations refused by the circuit.', '', () => ({
    all: breaker.stats.refused,
  }));
  counter('operations_failed_total', 'Operations that failed.', 'outcome', () => stats.failures);
  counter('retries_total', 'Tries after the first.', '', () => ({ all: stats.retries }));
  counter('dropped_low_total', 'Operations of priority low that were dropped.', '', () => ({
    all: stats.droppedLow,
  }));

  gauge('recovery_entries', 'Deferred writes that wait.', () => info().recovery.entries);
  gauge('recovery_bytes', 'Bytes of deferred writes.', () => info().recovery.bytes);
  gauge(
    'recovery_oldest_seconds',
    'Age of the oldest deferred write.',
    () => info().recovery.oldestMs / 1_000,
  );
  counter('recovery_dropped_total', 'Deferred writes dropped.', 'priority', () => info().recovery.dropped);
  counter('recovery_settled_total', 'Deferred writes that were decided.', 'outcome', () => {
    const { stored, failed, expired } = info().recovery;
    return { stored, failed, expired };
  });

  gauge('subscriber_channels', 'Channels with listeners.', () => kit.subscriber.channelCount);
  gauge('server_connected_clients', 'Clients of the server.', () => info().server?.connectedClients);
  gauge('server_max_clients', 'Clients the server allows.', () => info().server?.maxClients);
  gauge('server_used_memory_bytes', 'Memory of the server.', () => info().server?.usedMemoryBytes);
  gauge('server_max_memory_bytes', 'Memory the server may use.', () => info().server?.maxMemoryBytes);
  registry.registerMetric(
    recordedHistogram(`${prefix}command_seconds`, 'Time from sending to answer.', stats.latency),
  );
}

/**
 * A metric that shows what was recorded elsewhere: prom-client's own histogram costs half a microsecond per observation.
 * To a registry a metric is something with a name and `get()`; its types know only their own classes.
 */
function recordedHistogram(name: string, help: string, latency: LatencyHistogram): Metric {
  const get = (): Promise<unknown> => Promise.resolve({ name, help, type: 'histogram', values: values() });
  const values = (): MetricValueWithName<string>[] => {
    let cumulated = 0;
    const buckets = [...latency.counts.entries()].map(([bucket, count]) => {
      cumulated += count;
      const bound = LATENCY_BUCKETS_MS[bucket];
      const le = bound === undefined ? '+Inf' : bound / 1_000;
      return { labels: { le }, value: cumulated, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels: {}, value: latency.sumMs / 1_000, metricName: `${name}_sum` },
      { labels: {}, value: latency.count, metricName: `${name}_count` },
    ];
  };
  return { name, get } as unknown as Metric;
}
