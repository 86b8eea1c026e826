/**
 * Wakes workers that claim straight from Postgres while Redis is away. Carries nothing: whoever wakes looks for runs.
 *
 * Raw SQL: NOTIFY.
 */
export const RUNS_CHANNEL = 'longrun_runs';
export const NOTIFY_RUNS = `NOTIFY ${RUNS_CHANNEL}`;
