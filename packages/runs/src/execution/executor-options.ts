/**
 * What an executor works with.
 */
import type { Heartbeat } from '../liveness/heartbeat.js';
import type { RunEventBus } from '../run-event-log/run-event-bus.js';
import type { RunEventWriter } from '../run-event-log/run-event-writer.js';
import type { RunQueue } from '../run-queue/run-queue.js';
import type { RunStore } from '../run-store/run-store.js';
import type { GraphEngine } from './execute-port.js';
import type { RunObserver } from './run-observer.js';

export interface RunExecutorOptions {
  store: RunStore;
  writer: RunEventWriter;
  bus: RunEventBus;
  queue: RunQueue;
  heartbeat: Heartbeat;
  engine: GraphEngine;
  /** Longest run. Default 3,600 s. */
  jobTimeoutMs?: number;
  /** How long the end of a run that is ended early waits for its last checkpoints and its state. Default 500 ms. */
  cancelGraceMs?: number;
  /** Told of what happens to runs. Default: nobody is. */
  observer?: RunObserver;
  log: ExecutorLog;
}

/** What executor and sweeper tell their process to log. The ids of the run that a line is about are those of `withLogIds`. */
export interface ExecutorLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
