/**
 * Search among crons.
 *
 * Raw SQL: containment in jsonb, and a column to sort by.
 */
import type { CronSortField } from '@longrun/contracts';
import { CRON_COLUMNS } from './cron-row.sql.js';

/** Null does not matter. $1 assistant id, $2 thread id, $3 enabled, $4 metadata to contain (JSON text). */
const MATCHES = `($1::uuid IS NULL OR assistant_id = $1) AND ($2::uuid IS NULL OR thread_id = $2)
  AND ($3::boolean IS NULL OR enabled = $3) AND ($4::jsonb IS NULL OR metadata @> $4)`;

/** @param meant SQL for whether the asker may know of the cron */
export const countCrons = (meant: string): string =>
  `SELECT count(*)::int AS total FROM cron WHERE ${MATCHES} AND ${meant}`;

/** Those that may be null come last then, in both directions. Of the others it must not be said: their indexes know of no nulls. */
const NULLABLE: readonly CronSortField[] = ['thread_id', 'next_run_date', 'end_time'];

/** As {@link countCrons}, and $5 limit, $6 offset. Ties go the same way as the order, so that one index serves both directions. */
export function searchCrons(meant: string, sortBy: CronSortField, ascending: boolean): string {
  const direction = ascending ? 'ASC' : 'DESC';
  const nulls = NULLABLE.includes(sortBy) ? 'NULLS LAST' : '';
  return `
SELECT ${CRON_COLUMNS}, now() AS now FROM cron WHERE ${MATCHES} AND ${meant}
ORDER BY cron.${sortBy} ${direction} ${nulls}, cron_id ${direction} LIMIT $5 OFFSET $6`;
}
