/**
 * What a worker may lose: Postgres, what it has of Redis, and the sweeper.
 */
import { HEARTBEAT_DOUBT_MS } from '@longrun/contracts';
import type { Runner } from '@longrun/runner';
import {
  addRedisCapabilities,
  Capabilities,
  type Logger,
  type RedisParts,
  type Registry,
} from '@longrun/service-kit';

/** @param parts `metrics` gets the gauges */
export function createWorkerCapabilities(
  parts: { log: Logger; metrics: Registry; runner: Runner } & RedisParts,
): Capabilities {
  const capabilities = new Capabilities(parts.log, parts.metrics);
  const { heartbeat } = parts.runner;
  capabilities.add('postgres', {
    isThere: () => heartbeat.isConfirmed,
    reason: () => `no heartbeat was confirmed for ${HEARTBEAT_DOUBT_MS / 1_000} s`,
  });
  addRedisCapabilities(capabilities, parts);
  capabilities.add('sweeper', { isThere: () => heartbeat.sweeperSeen });
  heartbeat.on('doubted', () => capabilities.look());
  heartbeat.on('renewed', () => capabilities.look());
  return capabilities;
}
