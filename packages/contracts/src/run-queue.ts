/**
 * The queue between api and worker. A job is a wake-up: it carries ids only, and who executes what is decided
 * in Postgres.
 */

/** BullMQ's name of the queue of runs. */
export const RUNS_QUEUE = 'runs';

/** Payload of a job. */
export interface RunJob {
  runId: string;
}

/**
 * Id of the job that wakes a worker for a run: `<runId>-<dispatch>`. BullMQ ignores an id that it still knows, so
 * every enqueueing has its own number; it must not contain a colon.
 */
export function runJobId(runId: string, dispatch: number): string {
  return `${runId}-${dispatch}`;
}
