/**
 * `@longrun/runs`: the domain. `run-store` owns every status, `run-event-log` every event, `run-queue` wakes workers,
 * `webhooks` tells receivers, `liveness` says who is alive, `sweep` repairs what a dead process left, `execution` takes one run from claim to finish.
 */
export {
  CronStore,
  type CronChange,
  type CronFilter,
  type CronSettings,
  type NewCron,
} from './crons/cron-store.js';
export { type FiredCron } from './crons/fire-cron.js';
export * from './run-event-log/index.js';
export { InProcessRunQueue } from './run-queue/in-process-run-queue.js';
export { BullRunQueue, type QueueEntry, type RunQueue } from './run-queue/run-queue.js';
export { quietMarkers } from './run-queue/quiet-markers.js';
export { NOTIFY_RUNS, RUNS_CHANNEL } from './run-queue/notify-runs.sql.js';
export { toCreateRunInput, type NewRun, type RunnableAssistant } from './run-request/new-run.js';
export { parseRunLimits, type RunLimit } from './run-request/run-limits.js';
export type { RunRequest } from './run-request/run-request.js';
export * from './run-store/index.js';
export { AttemptEnd, type AttemptEndKind } from './execution/attempt-end.js';
export {
  GraphProcessDied,
  type ExecuteArguments,
  type ExecutedRun,
  type GraphEngine,
} from './execution/execute-port.js';
export type { ExecutorLog, RunExecutorOptions } from './execution/executor-options.js';
export { NOBODY, type AttemptOutcome, type RunObserver } from './execution/run-observer.js';
export { RunExecutor } from './execution/run-executor.js';
export { Heartbeat, type HeartbeatOptions } from './liveness/heartbeat.js';
export {
  LivenessObserver,
  type LivenessObserverOptions,
  type Observation,
  type Verdict,
} from './liveness/liveness-observer.js';
export { PostgresRunSource, type PostgresRunSourceOptions } from './run-queue/postgres-run-source.js';
export * from './webhooks/index.js';
export type { RetentionSettings } from './sweep/retention.js';
export { Sweeper, type SweeperOptions } from './sweep/sweeper.js';
export type { SweepCounts } from './sweep/sweep-counts.js';
