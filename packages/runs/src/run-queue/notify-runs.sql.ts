/**
 * Wakes workers straight from Postgres when the queue does not. Carries nothing: whoever wakes looks for runs.
 *
 * Raw SQL: NOTIFY.
 */
export const RUNS_CHANNEL = 'longrun_runs';
export const NOTIFY_RUNS = `NOTIFY ${RUNS_CHANNEL}`;
