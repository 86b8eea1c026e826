/**
 * What happened to a run, for people: its timeline from the row's history, what its log holds, and what it waits for.
 */
import { Controller, Get, Inject } from '@nestjs/common';
import type { RunHistoryEntry } from '@longrun/runs';
import type pg from 'pg';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { UuidParam } from '../http/validated.js';
import { POOL } from '../tokens.js';
import { runNotFound } from './runs.repository.js';
import { EXPLAIN_RUN, type ExplainedRunRow } from './sql/explain-run.sql.js';

type ToldAsStored = 'thread_id' | 'status' | 'attempt' | 'crashes' | 'retries' | 'error' | 'webhooks';

export interface RunExplanation extends Pick<ExplainedRunRow, ToldAsStored> {
  run_id: string;
  /** One sentence: what it does now, or what it waits for. */
  now: string;
  timeline: (Omit<RunHistoryEntry, 'what'> & { what: string })[];
  events: { count: number; pruned: boolean };
}

@Controller('runs')
export class RunExplanationController {
  constructor(@Inject(POOL) private readonly pool: pg.Pool) {}

  @Get(':run_id/explain')
  async explain(
    @UuidParam('run_id') runId: string,
    @Access() access: RequestAccess,
  ): Promise<RunExplanation> {
    await access.askForRun('threads:read', runId, () => runNotFound(runId));
    const { rows } = await this.pool.query<ExplainedRunRow>(EXPLAIN_RUN, [runId]);
    const row = rows[0];
    if (!row) throw runNotFound(runId);
    const { status, attempt, crashes, retries, error } = row;
    const created = {
      at: row.created_at,
      what: 'create',
      strategy: row.multitask_strategy,
      order: row.thread_order,
    };
    return {
      run_id: runId,
      thread_id: row.thread_id,
      status,
      attempt,
      crashes,
      retries,
      error,
      now: nowOf(row),
      timeline: [created, ...row.history],
      events: { count: row.events, pruned: row.events_pruned },
      webhooks: row.webhooks,
    };
  }
}

function nowOf(row: ExplainedRunRow): string {
  if (row.status === 'running') {
    const where =
      row.host === null ? 'a worker that is gone; it is rescued within seconds' : `worker ${row.host}`;
    return `Attempt ${row.attempt} is executed by ${where}${row.cancel_requested ? ', and a cancel is requested' : ''}.`;
  }
  if (row.status !== 'pending') return `It ended as ${row.status}.`;
  if (row.waits_seconds > 0) return `It is due in ${Math.ceil(row.waits_seconds)} s.`;
  if (row.waits_for !== null) return `It waits for run ${row.waits_for} of its thread.`;
  if (row.dispatched_at === null) {
    const keys = Object.keys(row.limits).join(', ');
    return keys === '' ? 'It waits to be enqueued.' : `It waits for its turn within the limit of ${keys}.`;
  }
  return `It waits for a worker; enqueued ${row.dispatch} times, last at ${row.dispatched_at}.`;
}
