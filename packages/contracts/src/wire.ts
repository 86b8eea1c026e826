/**
 * The resources of the Agent Server API, exactly as they are sent. Times are ISO 8601 strings in UTC.
 */
import type { JsonObject, MultitaskStrategy, RunConfig, RunKwargs } from './run-kwargs.js';
import type { RunStatus, ThreadStatus } from './run-status.js';

export interface Assistant {
  assistant_id: string;
  graph_id: string;
  config: RunConfig;
  context: JsonObject;
  created_at: string;
  updated_at: string;
  metadata: JsonObject;
  version: number;
  name: string;
  description: string | null;
}

/** What an assistant was after one of its changes. */
export type AssistantVersion = Omit<Assistant, 'updated_at'>;

/** One open question of a graph that paused. */
export interface InterruptInfo {
  id?: string;
  value: unknown;
  [key: string]: unknown;
}

export interface Thread {
  thread_id: string;
  created_at: string;
  updated_at: string;
  state_updated_at: string;
  metadata: JsonObject;
  status: ThreadStatus;
  config: RunConfig;
  values: unknown;
  /** By task id. */
  interrupts: Record<string, InterruptInfo[]>;
  error?: WireError | null;
  /** When the thread goes; null: never. Only for those who ask. */
  ttl?: { strategy: string; ttl_minutes: number; expires_at: string } | null;
}

export interface Run {
  run_id: string;
  thread_id: string;
  assistant_id: string;
  created_at: string;
  updated_at: string;
  status: RunStatus;
  metadata: JsonObject;
  kwargs: RunKwargs;
  multitask_strategy: MultitaskStrategy;
  /** Why the run was cancelled; null when it was not. */
  cancel_reason: string | null;
}

/** What the list of crons can be sorted by. */
export const CRON_SORT_FIELDS = [
  'cron_id',
  'assistant_id',
  'thread_id',
  'next_run_date',
  'end_time',
  'created_at',
  'updated_at',
] as const;
export type CronSortField = (typeof CRON_SORT_FIELDS)[number];

/** Why a tick of a cron created no run. */
export interface CronError {
  at: string;
  /** Code or name of the error. */
  error: string;
  message: string;
}

/** A schedule that creates runs. */
export interface Cron {
  cron_id: string;
  assistant_id: string;
  /** Null: every tick gets a thread of its own. */
  thread_id: string | null;
  on_run_completed: 'delete' | 'keep';
  end_time: string | null;
  schedule: string;
  timezone: string | null;
  created_at: string;
  updated_at: string;
  /** The request of every run. */
  payload: JsonObject;
  user_id: string | null;
  /** Null: disabled, or over. */
  next_run_date: string | null;
  metadata: JsonObject;
  enabled: boolean;
  /** Of the last tick; null when it created its run. Not of the platform. */
  last_error: CronError | null;
}

/** An item of the store. */
export interface StoreItem {
  namespace: string[];
  key: string;
  value: JsonObject;
  created_at: string;
  updated_at: string;
  /** How well it fits the query of the search that found it; larger is better. */
  score?: number;
}

/** How a failure of a graph is told to clients: `{"error": <name>, "message": <text>}`. */
export interface WireError {
  error: string;
  message: string;
}

export interface CheckpointRef {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  checkpoint_map?: JsonObject | null;
}

export interface ThreadTask {
  id: string;
  name: string;
  path?: unknown;
  error: unknown;
  interrupts: InterruptInfo[];
  checkpoint: CheckpointRef | null;
  state: unknown;
  result: unknown;
}

export interface ThreadState {
  values: unknown;
  next: string[];
  tasks: ThreadTask[];
  metadata: JsonObject | null;
  created_at: string | null;
  checkpoint: CheckpointRef | null;
  parent_checkpoint: CheckpointRef | null;
  interrupts?: InterruptInfo[];
}
