/**
 * Reads one run's status: who waits for it, what its log still holds.
 *
 * Raw SQL for the reads that stand beside a transition. $1 run id.
 */
import type { JsonObject, RunKwargs, RunStatus, WireError } from '@longrun/contracts';

export const FIND_RUN = `
SELECT run_id, thread_id, status, attempt, worker_id, cancel_requested_at IS NOT NULL AS cancel_requested, error, kwargs, metadata,
  events_pruned_at IS NOT NULL AS events_pruned, dispatch, priority, created_at, updated_at
FROM run WHERE run_id = $1`;

export interface RunStatusRow {
  run_id: string;
  thread_id: string;
  status: RunStatus;
  attempt: number;
  worker_id: string | null;
  cancel_requested: boolean;
  error: WireError | null;
  events_pruned: boolean;
  dispatch: number;
  priority: number;
  kwargs: RunKwargs;
  metadata: JsonObject;
  created_at: Date;
  updated_at: Date;
}
