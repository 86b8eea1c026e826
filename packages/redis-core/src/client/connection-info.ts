/**
 * The state of a client at a glance: what an operator wants to see first.
 */
import type { BreakerState } from '../policies/circuit-breaker.js';
import type { RecoveryQueue } from '../policies/recovery-queue.js';
import type { ServerState } from './server-watch.js';

/** Answer of `connectionInfo()`. Times are in milliseconds. */
export interface ConnectionInfo {
  /** Operations are served: there is a connection, and the circuit is closed. */
  readonly available: boolean;
  /** Number of the command connection; grows with every new one. */
  readonly epoch: number;
  readonly connections: {
    /** Open now, all roles together. */
    readonly open: number;
    /** Opened since the start. */
    readonly created: number;
    /** What the process may open at most. */
    readonly ceiling: number;
    readonly exclusiveInUse: number;
    readonly exclusiveIdle: number;
    /** Callers that wait for an exclusive connection. */
    readonly exclusiveWaiting: number;
  };
  readonly permits: { readonly limit: number; readonly inUse: number; readonly waiting: number };
  readonly breaker: BreakerState;
  /** Deferred work. */
  readonly recovery: RecoveryQueue['info'];
  /** Of the commands so far; the quantiles are upper bounds of buckets. */
  readonly latency: {
    readonly lastMs: number | undefined;
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
  };
  /** The server's own figures, as of the latest look. */
  readonly server: ServerState | undefined;
}
