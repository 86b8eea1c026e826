/**
 * What every process answers at `/ready` and `/health/ready`.
 */
import type { CapabilityName } from '../capabilities/capability.js';

/** How events come to readers at the moment: pushed by Redis, asked for in the log of Postgres, or pushed within the one process. */
export type StreamingBackend = 'redis' | 'postgres' | 'memory';

export interface Readiness {
  ready: boolean;
  /** `degraded`: it does its work without what is missing. */
  status: 'ok' | 'degraded' | 'unavailable';
  /** Why it is not ready. */
  reason?: string;
  missing: CapabilityName[];
  streaming: StreamingBackend;
}

/** @param reason why it is not ready; without one it is */
export function readinessOf(
  missing: CapabilityName[],
  streaming: StreamingBackend,
  reason?: string,
): Readiness {
  if (reason !== undefined) return { ready: false, status: 'unavailable', reason, missing, streaming };
  return { ready: true, status: missing.length > 0 ? 'degraded' : 'ok', missing, streaming };
}

/**
 * @param isSingle one process does everything
 * @param isPushed whether what Redis pushes arrives, or goes out
 */
export function streamingBackend(isSingle: boolean, isPushed: boolean): StreamingBackend {
  if (isSingle) return 'memory';
  return isPushed ? 'redis' : 'postgres';
}
