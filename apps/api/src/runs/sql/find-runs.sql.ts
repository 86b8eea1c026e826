/**
 * Runs that a bulk request means, oldest first, a page at a time by id: ids are in the order of creation (UUIDv7).
 *
 * Raw SQL: containment in jsonb and a keyset. $1 statuses, $2 after this id (or null), $3 thread id (or null), $4 assistant id
 * (or null), $5 metadata (JSON text or null), $6 rows at most.
 */
import type { RunStatus } from '@longrun/contracts';

/** @param meant SQL for whether the caller may know of the run, by its thread */
export const findRuns = (meant: string): string => `
SELECT run.run_id, run.thread_id, run.status FROM run
JOIN thread USING (thread_id)
WHERE run.status = ANY($1::run_status[]) AND thread.hidden_at IS NULL
  AND ($2::uuid IS NULL OR run.run_id > $2)
  AND ($3::uuid IS NULL OR run.thread_id = $3)
  AND ($4::uuid IS NULL OR run.assistant_id = $4)
  AND ($5::jsonb IS NULL OR run.metadata @> $5) AND ${meant}
ORDER BY run.run_id
LIMIT $6`;

export interface FoundRunRow {
  run_id: string;
  thread_id: string;
  status: RunStatus;
}
