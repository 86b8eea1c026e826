/**
 * What is due, the longest first, and how long until something is. Every look of a sweeper asks whether, and when it is, for which.
 *
 * Raw SQL because all is answered from one index alone.
 */
const IS_DUE = `next_run_date <= now()`;

/** SQL: whether DUE_CRONS would find one. */
export const IS_ANY_CRON_DUE = `COALESCE((SELECT true FROM cron WHERE ${IS_DUE} ORDER BY next_run_date LIMIT 1), false)`;

/** SQL: milliseconds until the next tick that is not due yet; null when there is none. */
export const NEXT_TICK_IN_MS = `(
  SELECT extract(epoch FROM min(next_run_date) - now()) * 1000 FROM cron WHERE next_run_date > now())::float8`;

/** $1 crons at most. */
export const DUE_CRONS = `
SELECT
  ARRAY(SELECT cron_id FROM cron WHERE ${IS_DUE} ORDER BY next_run_date LIMIT $1)::text[] AS due,
  ${NEXT_TICK_IN_MS} AS next_in_ms`;

export interface DueCronsRow {
  due: string[];
  next_in_ms: number | null;
}
