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
