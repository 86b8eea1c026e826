/**
 * What a run is created from, and what is known of it afterwards: the same for every way to create one.
 */
import type { JsonObject, MultitaskStrategy, RunConfig, RunKwargs } from '@longrun/contracts';
import type { Dispatch } from './dispatch.js';
import type { FinishedRun } from './finish-run.js';
import type { InsertedRunRow } from './sql/insert-run.sql.js';

export interface CreateRunInput {
  runId: string;
  threadId: string;
  assistantId: string;
  /** `updated_at` of the assistant that `resolve` knows, as text. Without it nobody looks whether the assistant has changed since. */
  assistantStamp?: string | undefined;
  graphId: string;
  multitaskStrategy: MultitaskStrategy;
  /** What to do about a thread that does not exist. A temporary one is always made. */
  ifThreadMissing: 'create' | 'reject';
  /** The thread is made for this run and goes with it. */
  temporaryThread: boolean;
  /** Seconds until the run is due. */
  afterSeconds: number;
  /** Smaller is sooner. */
  priority: number;
  /** Where to tell that the run has ended. */
  webhook?: string | null;
  /** W3C trace context that every attempt of it, and its webhook, belong to. Default: none. */
  traceparent?: string | null;
  metadata: JsonObject;
  /** Merged into the thread's metadata. */
  threadMetadata: JsonObject;
  /** Metadata of a thread that is made for the run; they include `threadMetadata`, which is the default. */
  newThreadMetadata?: JsonObject;
  /**
   * The run's config over the thread's, and what is stored of the run: decided once the thread is known. Gives the same for an empty thread
   * and for one that has only `threadMetadata` or `newThreadMetadata` and the `threadConfig` that came of it.
   */
  resolve: (thread: { config: RunConfig; metadata: JsonObject }) => {
    kwargs: RunKwargs;
    threadConfig: RunConfig;
    metadata: JsonObject;
    /** Most runs at a time by key that this run counts against. Default: none. */
    limits?: Record<string, number>;
  };
}

export interface CreatedRun {
  runId: string;
  threadId: string;
  createdAt: Date;
  updatedAt: Date;
  kwargs: RunKwargs;
  metadata: JsonObject;
  /** To be enqueued now; null when it has to wait for another run or for its time. */
  dispatch: Dispatch | null;
  /** Pending runs that `interrupt` or `rollback` ended. */
  ended: FinishedRun[];
  /** Running runs that it marked: their workers should be told. */
  marked: { runId: string; attempt: number; workerId: string | null }[];
}

type ResolvedRun = ReturnType<CreateRunInput['resolve']>;

/** The assistant is not what {@link CreateRunInput} was made from any more: nothing was written. Read it anew. */
export class AssistantChangedError extends Error {
  override readonly name = 'AssistantChangedError';
}

/** $1 to $15 of the statements that insert a run. */
export function insertValues(input: CreateRunInput, resolved: ResolvedRun): unknown[] {
  return [
    input.runId,
    input.threadId,
    input.assistantId,
    input.graphId,
    input.multitaskStrategy,
    JSON.stringify(resolved.kwargs),
    JSON.stringify(resolved.metadata),
    input.priority,
    input.afterSeconds,
    JSON.stringify(input.threadMetadata),
    JSON.stringify(resolved.threadConfig),
    input.webhook ?? null,
    JSON.stringify(resolved.limits ?? {}),
    input.assistantStamp ?? null,
    input.traceparent ?? null,
  ];
}

/** A run whose row has just been inserted, and which took no other run's place. */
export function insertedRun(
  { runId, threadId, priority }: CreateRunInput,
  { kwargs, metadata }: Pick<ResolvedRun, 'kwargs' | 'metadata'>,
  { dispatch, created_at: createdAt, updated_at: updatedAt }: InsertedRunRow,
): CreatedRun {
  return {
    runId,
    threadId,
    createdAt,
    updatedAt,
    kwargs,
    metadata,
    dispatch: dispatch > 0 ? { runId, dispatch, priority } : null,
    ended: [],
    marked: [],
  };
}
