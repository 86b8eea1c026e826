/**
 * Everything that is known of a run's way. For one person who asks, not for a hot path.
 *
 * Raw SQL: five tables in one look. $1 run id.
 */
import type { RunStatus, WireError } from '@longrun/contracts';
import type { RunHistoryEntry } from '@longrun/runs';

export const EXPLAIN_RUN = `
SELECT mine.thread_id, mine.status, mine.attempt, mine.crashes, mine.retries, mine.error, mine.history, mine.dispatch, mine.limits,
  mine.dispatched_at, mine.created_at, mine.multitask_strategy, mine.thread_order::int AS thread_order,
  mine.cancel_requested_at IS NOT NULL AS cancel_requested, mine.events_pruned_at IS NOT NULL AS events_pruned,
  extract(epoch FROM mine.due_at - now())::float8 AS waits_seconds,
  (SELECT hostname || ':' || pid FROM worker WHERE worker.worker_id = mine.worker_id) AS host,
  (SELECT count(*)::int FROM run_event WHERE run_event.run_id = mine.run_id) AS events,
  (SELECT other.run_id FROM run AS other
    WHERE other.thread_id = mine.thread_id AND other.status IN ('pending', 'running') AND other.thread_order < mine.thread_order
    ORDER BY other.thread_order LIMIT 1) AS waits_for,
  (SELECT COALESCE(json_agg(json_build_object('delivery_id', delivery_id, 'url', url, 'status', status, 'attempts', attempts,
      'last_status', last_status, 'last_error', last_error, 'due_at', due_at, 'ended_at', ended_at)), '[]')
    FROM webhook_delivery WHERE webhook_delivery.run_id = mine.run_id) AS webhooks
FROM run AS mine
WHERE mine.run_id = $1`;

export interface ExplainedRunRow {
  thread_id: string;
  status: RunStatus;
  attempt: number;
  crashes: number;
  retries: number;
  error: WireError | null;
  history: RunHistoryEntry[];
  dispatch: number;
  limits: Record<string, number>;
  dispatched_at: string | null;
  created_at: string;
  multitask_strategy: string;
  thread_order: number;
  cancel_requested: boolean;
  events_pruned: boolean;
  waits_seconds: number;
  host: string | null;
  events: number;
  waits_for: string | null;
  webhooks: {
    delivery_id: string;
    url: string;
    status: string;
    attempts: number;
    last_status: number | null;
    last_error: string | null;
    due_at: string;
    ended_at: string | null;
  }[];
}
