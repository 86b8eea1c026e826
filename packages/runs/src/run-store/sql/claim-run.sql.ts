/**
 * Transition `claim`: pending → running, for the first due run of its thread. One run per statement; when another run of
 * the thread is claimed at the same moment, the unique index refuses this one, which means blocked.
 *
 * The first claim also stores where the thread stood: a restart of the run begins there, not at what it left half-done. And it writes the
 * run's first event, which says that an attempt has begun: number 0, since nobody wrote before. A later attempt cannot do the same: where its
 * log goes on is certain only after its claim.
 *
 * The first claim gives the run its place among those of its thread that have begun, by which readers of the whole thread go: that of its
 * creation, unless a later run has overtaken it.
 *
 * Raw SQL: compare-and-set with the rule of {@link isBlocked}, one round trip with all that the worker needs.
 * $1 run id, $2 worker id, $3 graph ids of the worker.
 */
import { METADATA_EVENT, type RunKwargs } from '@longrun/contracts';
import { isBlocked } from '../transitions/blocked.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';
import { appendHistory } from './history.sql.js';
import { isFull } from './limits.sql.js';

/** Name of the index that lets one run of a thread be running. */
export const ONE_RUNNING_PER_THREAD = 'run_one_running_per_thread';
/** Name of the index that gives each place in a thread to one run. */
export const ONE_RUN_PER_PLACE = 'run_start_order';

/** Where the worker is: its row goes with it. */
const HOST_OF_WORKER = `(SELECT hostname || ':' || pid FROM worker WHERE worker_id = $2)`;

const { claim } = RUN_TRANSITIONS;
const MINE = { row: 'mine', arguments: { worker: '$2' } };

function claimRun(condition: string): string {
  return `
WITH claimed AS (
UPDATE run AS mine
SET ${assignmentsSql(claim, MINE)}, updated_at = now(),
    ${appendHistory('mine', `'claim'`, { attempt: 'mine.attempt + 1', worker: '$2::uuid', host: HOST_OF_WORKER })},
    started_at = COALESCE(mine.started_at, now()),
    start_order = COALESCE(mine.start_order, GREATEST(mine.thread_order, 1 + COALESCE((
      SELECT max(start_order) FROM run AS begun_before WHERE begun_before.thread_id = mine.thread_id), 0))),
    base_checkpoint_id = CASE WHEN mine.attempt > 0 THEN mine.base_checkpoint_id ELSE (
      SELECT checkpoint_id FROM langgraph.checkpoints
      WHERE thread_id = mine.thread_id::text AND checkpoint_ns = ''
      ORDER BY commit_seq DESC LIMIT 1) END
WHERE mine.run_id = $1 AND ${guardSql(claim, MINE)} AND mine.graph_id = ANY($3::text[])
  AND NOT ${isBlocked('mine')} AND ${condition}
RETURNING mine.run_id, mine.thread_id, mine.assistant_id, mine.graph_id, mine.attempt, mine.crashes, mine.retries, mine.kwargs,
  mine.metadata, mine.base_checkpoint_id, mine.traceparent, mine.history @> '[{"what": "rescue", "alone": true}]' AS killed_own_process,
  (extract(epoch FROM clock_timestamp() - GREATEST(mine.due_at, mine.dispatched_at)) * 1000)::float8 AS waited_ms,
  (extract(epoch FROM clock_timestamp() - mine.created_at) * 1000)::float8 AS age_ms
), begun AS (
  INSERT INTO run_event (run_id, seq, event, data)
  SELECT run_id, 0, '${METADATA_EVENT}', format('{"run_id":"%s","attempt":1}', run_id) FROM claimed WHERE attempt = 1
  RETURNING data
)
SELECT claimed.*, begun.data AS begun FROM claimed LEFT JOIN begun ON true`;
}

/** For a run without limits, which need not look at other threads. */
export const CLAIM_RUN = claimRun(`mine.limits = '{}'::jsonb`);

/** For a run with limits, under {@link LOCK_LIMITS}. */
export const CLAIM_LIMITED_RUN = claimRun(`NOT ${isFull('mine.limits')}`);

export interface ClaimedRunRow {
  run_id: string;
  thread_id: string;
  assistant_id: string;
  graph_id: string;
  attempt: number;
  crashes: number;
  retries: number;
  kwargs: RunKwargs;
  metadata: Record<string, unknown>;
  base_checkpoint_id: string | null;
  killed_own_process: boolean;
  traceparent: string | null;
  waited_ms: number;
  age_ms: number;
  /** Data of the event that the claim wrote. */
  begun: string | null;
}
