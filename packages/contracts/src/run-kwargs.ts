/**
 * What a run was asked to do: the part of a run-create request that is stored with the run and handed to the
 * graph. Everything here changes how the graph is executed or what its log records.
 */

import type { RunProtocol } from './protocol-records.js';

/** Stream modes a run can record. Source: the Agent Server API. */
export const STREAM_MODES = [
  'values',
  'updates',
  'messages',
  'messages-tuple',
  'custom',
  'events',
  'debug',
  'tasks',
  'checkpoints',
  'tools',
  'lifecycle',
] as const;
export type StreamMode = (typeof STREAM_MODES)[number];

/** What happens to a new run of a thread that has an active one. */
export const MULTITASK_STRATEGIES = ['reject', 'enqueue', 'interrupt', 'rollback'] as const;
export type MultitaskStrategy = (typeof MULTITASK_STRATEGIES)[number];

/** When LangGraph writes its checkpoints. Source: LangGraph.js `durability`. */
export const DURABILITIES = ['sync', 'async', 'exit'] as const;
export type Durability = (typeof DURABILITIES)[number];

/** A JSON object as it came over the wire. */
export type JsonObject = Record<string, unknown>;

/** `config` of an assistant, a thread or a run. */
export interface RunConfig {
  tags?: string[];
  recursion_limit?: number;
  configurable?: JsonObject;
  [key: string]: unknown;
}

/** `command` of a run: an answer to an interrupt, a jump, or a state update. */
export interface RunCommand {
  resume?: unknown;
  goto?: string | { node: string; input?: unknown } | (string | { node: string; input?: unknown })[];
  update?: JsonObject | [string, unknown][] | null;
}

/** The checkpoint a run starts from, when it is not the newest of its thread. */
export interface CheckpointSelector {
  checkpoint_id?: string;
  checkpoint_ns?: string;
  checkpoint_map?: JsonObject | null;
}

/** When a graph that failed is started again, from its last checkpoint. Keys and defaults as LangGraph's RetryPolicy. */
export interface RunRetryPolicy {
  /** Starts altogether, the first included. */
  max_attempts: number;
  /** Seconds before the second start. Default 0.5. */
  initial_interval?: number;
  /** Each pause is this many times the one before. Default 2. */
  backoff_factor?: number;
  /** Longest pause, seconds. Default 128. */
  max_interval?: number;
  /** Each pause is drawn between half of it and the whole. Default true. */
  jitter?: boolean;
  /** Names of the errors to retry. Default: all. */
  retry_on?: string[];
}

/** Stored in `run.kwargs`; keys are those of the wire. */
export interface RunKwargs {
  input?: unknown;
  command?: RunCommand | null;
  config: RunConfig;
  context?: JsonObject;
  stream_mode: StreamMode[];
  /** Events of subgraphs are recorded too, with their namespace in the event's name. */
  subgraphs: boolean;
  /** For a stateless stream: whether it carries event ids. Every log is resumable. */
  resumable: boolean;
  /** The thread was made for this run and goes when the run has ended. */
  temporary: boolean;
  interrupt_before?: '*' | string[] | null;
  interrupt_after?: '*' | string[] | null;
  checkpoint?: CheckpointSelector | null;
  /** A resume that answers a question which is not waiting fails the run. */
  strict_resume?: boolean;
  durability?: Durability;
  webhook?: string;
  retry_policy?: RunRetryPolicy;
  /** Its log is recorded for this protocol, whatever `stream_mode` says. */
  protocol?: RunProtocol;
}
