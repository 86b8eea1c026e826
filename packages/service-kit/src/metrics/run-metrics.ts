/**
 * Metrics of what a process does with runs and their events. Its object is the `RunObserver` of `@longrun/runs`.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** From what nobody notices to what everybody does, seconds. */
const LATENCY_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Runs last from milliseconds to the job timeout of an hour, seconds. */
const DURATION_BUCKETS = [0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
const BATCH_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** Ends of an attempt that are none of its run. */
const WITHOUT_END = new Set(['retried', 'released', 'crashed', 'lost']);

export interface RunMetrics {
  claimed(attempt: number, waitedMs: number): void;
  attemptEnded(outcome: string, ms: number, runMs: number): void;
  cancelled(ms: number): void;
  appended(events: number, ms: number): void;
  writeRefused(): void;
  rescued(runs: number): void;
}

/** For workers, and the api in single mode. */
export function createRunMetrics(registry: Registry): RunMetrics {
  const registers = [registry];
  const start = new Histogram({
    name: 'longrun_run_start_seconds',
    help: 'From a run being due and put into the queue to its claim.',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const attempts = new Histogram({
    name: 'longrun_attempt_seconds',
    help: 'From the claim of a run to the end of the attempt, by how it ended: the status of its run, or retried, released, crashed, lost.',
    labelNames: ['outcome'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const runs = new Histogram({
    name: 'longrun_run_seconds',
    help: 'From the creation of a run, or the time it was created for, to its end by this process, by its status; all its attempts and waits included.',
    labelNames: ['status'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const again = new Counter({
    name: 'longrun_repeated_attempts_total',
    help: 'Claims of runs that had an attempt before.',
    registers,
  });
  const cancels = new Histogram({
    name: 'longrun_cancel_seconds',
    help: 'From a cancel being heard by the process that executes the run to the end of the run.',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const appends = new Histogram({
    name: 'longrun_event_append_seconds',
    help: 'Time of a commit of events.',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const batches = new Histogram({
    name: 'longrun_event_append_batch_events',
    help: 'Events of a commit.',
    buckets: BATCH_BUCKETS,
    registers,
  });
  const refused = new Counter({
    name: 'longrun_fenced_writes_total',
    help: 'Batches of events that were refused because their run had been taken away.',
    registers,
  });
  const { rescued } = createRescueMetrics(registry);
  return {
    claimed: (attempt, waitedMs) => {
      start.observe(waitedMs / 1_000);
      if (attempt > 1) again.inc();
    },
    attemptEnded: (outcome, ms, runMs) => {
      attempts.observe({ outcome }, ms / 1_000);
      if (!WITHOUT_END.has(outcome)) runs.observe({ status: outcome }, runMs / 1_000);
    },
    cancelled: (ms) => cancels.observe(ms / 1_000),
    appended: (events, ms) => {
      appends.observe(ms / 1_000);
      batches.observe(events);
    },
    writeRefused: () => refused.inc(),
    rescued,
  };
}

/** What a process that executes runs is at. */
export function registerExecution(
  registry: Registry,
  now: { activeRuns(): number; heartbeatUnconfirmedMs(): number },
): void {
  const registers = [registry];
  new Gauge({
    name: 'longrun_active_runs',
    help: 'Runs that this process executes.',
    registers,
    collect() {
      this.set(now.activeRuns());
    },
  });
  new Gauge({
    name: 'longrun_heartbeat_unconfirmed_seconds',
    help: 'Time since the last confirmed renewal.',
    registers,
    collect() {
      this.set(now.heartbeatUnconfirmedMs() / 1_000);
    },
  });
}

/** For whoever does the sweeper's duties. */
export function createRescueMetrics(registry: Registry): Pick<RunMetrics, 'rescued'> {
  const rescues = new Counter({
    name: 'longrun_rescued_runs_total',
    help: 'Runs taken from dead workers.',
    registers: [registry],
  });
  return { rescued: (runs) => rescues.inc(runs) };
}

/** For whoever streams. @returns what is told of each write to a client, with the milliseconds since its first event was heard */
export function createDeliveryMetrics(registry: Registry): (ms: number) => void {
  const delivery = new Histogram({
    name: 'longrun_event_delivery_seconds',
    help: 'From the arrival of pushed events in this process to their write to a client, the wait for a slow client included.',
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  });
  return (ms) => delivery.observe(ms / 1_000);
}
