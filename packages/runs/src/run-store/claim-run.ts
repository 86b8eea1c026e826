/**
 * Transition `claim`.
 */
import { METADATA_EVENT, type JsonObject, type NumberedRunEvent, type RunKwargs } from '@longrun/contracts';
import { inTransaction, isLockConflict, isUniqueViolation } from '@longrun/database';
import type pg from 'pg';
import {
  CLAIM_LIMITED_RUN,
  CLAIM_RUN,
  ONE_RUN_PER_PLACE,
  ONE_RUNNING_PER_THREAD,
  type ClaimedRunRow,
} from './sql/claim-run.sql.js';
import { IS_LIMITED, LOCK_LIMITS, WAIT_FOR_LIMIT } from './sql/limits.sql.js';
import { NEXT_SEQ } from './sql/next-seq.sql.js';
import { isSuspect } from './suspect.js';

/** All that a worker needs to execute an attempt. */
export interface ClaimedRun {
  runId: string;
  threadId: string;
  assistantId: string;
  graphId: string;
  /** The fencing token of everything this attempt writes. */
  attempt: number;
  /** Worker deaths since the run's last own checkpoint. */
  crashes: number;
  /** It may have killed the process that executed it, and gets one of its own. */
  isSuspect: boolean;
  /** Times that its own retry policy has started it again. */
  retries: number;
  kwargs: RunKwargs;
  metadata: JsonObject;
  baseCheckpointId: string | null;
  /** What the claim itself wrote to the log, to be published: nothing, or the `metadata` event of a first attempt. */
  written: readonly NumberedRunEvent[];
  /** Milliseconds since it was due and last put into the queue. */
  waitedMs: number;
  /** Milliseconds since it was created, or since the time it was created for. */
  ageMs: number;
  /** W3C trace context that it belongs to; null when that is none. */
  traceparent: string | null;
  /** Number of this attempt's next event. */
  nextSeq: number;
}

/**
 * Takes a run for `workerId`.
 *
 * @returns null when it may not run now: blocked by its thread, not due, not pending, or of a graph the worker lacks
 * @throws the driver's error when Postgres is away; the claim may then stand, and the run is found again by its rescue
 */
export async function claimRun(
  pool: pg.Pool,
  runId: string,
  workerId: string,
  graphIds: readonly string[],
  crashLimit: number,
): Promise<ClaimedRun | null> {
  const row = await claimRow(pool, [runId, workerId, graphIds]);
  if (!row) return null;
  return {
    runId: row.run_id,
    threadId: row.thread_id,
    assistantId: row.assistant_id,
    graphId: row.graph_id,
    attempt: row.attempt,
    crashes: row.crashes,
    isSuspect: isSuspect(row.crashes, row.killed_own_process, crashLimit),
    retries: row.retries,
    kwargs: row.kwargs,
    metadata: row.metadata,
    baseCheckpointId: row.base_checkpoint_id,
    waitedMs: row.waited_ms,
    ageMs: row.age_ms,
    traceparent: row.traceparent,
    ...(row.begun === null
      ? { written: [], nextSeq: await nextSeq(pool, runId) }
      : { written: [{ seq: 0, event: METADATA_EVENT, data: row.begun }], nextSeq: 1 }),
  };
}

async function claimRow(pool: pg.Pool, values: unknown[]): Promise<ClaimedRunRow | undefined> {
  try {
    const { rows } = await pool.query<ClaimedRunRow>({ name: 'claim-run', text: CLAIM_RUN, values });
    return rows[0] ?? (await claimLimited(pool, values));
  } catch (error) {
    // Another run of the thread was claimed at the same moment, or its row is being changed: blocked, not an error.
    const isTaken = [ONE_RUNNING_PER_THREAD, ONE_RUN_PER_PLACE].some((index) =>
      isUniqueViolation(error, index),
    );
    if (isTaken || isLockConflict(error)) return undefined;
    throw error;
  }
}

/** A refused claim may be that of a run with limits, which is decided under the locks of its keys. */
async function claimLimited(pool: pg.Pool, values: unknown[]): Promise<ClaimedRunRow | undefined> {
  const [runId] = values;
  const { rows } = await pool.query(IS_LIMITED, [runId]);
  if (rows.length === 0) return undefined;
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_LIMITS, [runId]);
    const claimed = await client.query<ClaimedRunRow>(CLAIM_LIMITED_RUN, values);
    if (claimed.rows.length === 0) await client.query(WAIT_FOR_LIMIT, [runId]);
    return claimed.rows[0];
  });
}

async function nextSeq(pool: pg.Pool, runId: string): Promise<number> {
  const { rows } = await pool.query<{ next_seq: number }>(NEXT_SEQ, [runId]);
  return rows[0]?.next_seq ?? 0;
}
