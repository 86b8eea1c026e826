/**
 * The columns of a cron, as they are read.
 */
import type { CronError, JsonObject } from '@longrun/contracts';
import type { RunRequest } from '../../run-request/run-request.js';

export const CRON_COLUMNS = `cron_id, cron.assistant_id, thread_id, schedule, timezone, end_time, enabled, on_run_completed, payload,
  cron.metadata, identity, identity ->> 'langgraph_auth_user_id' AS user_id, next_run_date, last_error, cron.created_at, cron.updated_at`;

export interface CronRow {
  cron_id: string;
  assistant_id: string;
  thread_id: string | null;
  schedule: string;
  timezone: string | null;
  end_time: Date | null;
  enabled: boolean;
  on_run_completed: 'delete' | 'keep';
  payload: RunRequest;
  metadata: JsonObject;
  /** For `configurable` of its runs. */
  identity: JsonObject | null;
  user_id: string | null;
  next_run_date: Date | null;
  last_error: CronError | null;
  created_at: Date;
  updated_at: Date;
}
