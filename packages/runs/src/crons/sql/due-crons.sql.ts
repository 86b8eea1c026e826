/**
 * What is due, the longest first, and how long until something is. Part of every look of a sweeper.
 *
 * Raw SQL because both are answered from one index alone. $1 crons at most.
 */
export const DUE_CRONS = `
SELECT
  ARRAY(SELECT cron_id FROM cron WHERE next_run_date <= now() ORDER BY next_run_date LIMIT $1)::text[] AS due,
  (SELECT extract(epoch FROM min(next_run_date) - now()) * 1000 FROM cron WHERE next_run_date > now())::float8 AS next_in_ms`;

export interface DueCronsRow {
  due: string[];
  next_in_ms: number | null;
}
