/**
 * What a worker and a process that executes one suspect run for it say to each other.
 */
import type { LongrunErrorCode, RunEvent, WireError } from '@longrun/contracts';
import type { ClaimedRun, ExecutedRun, RunEnd } from '@longrun/runs';

/** What the process needs before its first run. */
export interface IsolationSettings {
  /** Absolute path of the langgraph.json. */
  configPath: string;
  databaseUrl: string;
}

export type ToIsolated =
  | { type: 'start'; settings: IsolationSettings }
  /** `traceparent`: the span of the attempt, which those of its nodes belong to. */
  | { type: 'execute'; run: ClaimedRun; cancelGraceMs: number; traceparent: string | null }
  /** The write that was asked for may be made. */
  | { type: 'may-write' }
  /** So many events were taken. */
  | { type: 'taken'; count: number }
  /** The attempt was ended from outside. */
  | { type: 'end' };

export type FromIsolated =
  | { type: 'event'; event: RunEvent }
  | { type: 'may-write?' }
  | { type: 'progress' }
  /** The graph came to its end. */
  | { type: 'executed'; executed: ExecutedRun }
  /** The graph stopped between two steps after it made progress: it is no suspect any more. */
  | { type: 'drained' }
  /** After `end`: the thread as its last checkpoint shows it. */
  | { type: 'ended'; thread: RunEnd['thread'] | null }
  /** The attempt failed outside its graph; `code` is that of a LongrunError. */
  | { type: 'failed'; error: WireError; code: LongrunErrorCode | null };

/** Events that may be under way between the two before the graph waits. */
export const EVENT_WINDOW = 256;

/** The file descriptor on which the process notices that the worker is gone. */
export const LIFELINE_FD = 4;
