/**
 * The metadata stored with a checkpoint, and the form in which Postgres takes JSON. Changes when a key is to be kept
 * or dropped.
 */
import type { RunnableConfig } from '@langchain/core/runnables';
import type { CheckpointMetadata } from '@langchain/langgraph-checkpoint';

/**
 * `run_id` is a column instead: LangGraph takes an equal `metadata.run_id` for a resume. The others are LangGraph's
 * bookkeeping of one task.
 */
const DROPPED =
  /^(run_id|run_attempt|task_id|thread_id|checkpoint_\w+|langgraph_(step|node|triggers|path|checkpoint_ns))$/;

const UNSTORABLE = /\p{Surrogate}|\0/gu;

/** The caller's metadata under LangGraph's own. */
export function checkpointMetadata(config: RunnableConfig, own: CheckpointMetadata): Record<string, unknown> {
  const given = Object.entries(config.metadata ?? {}).filter(
    ([key]) => !DROPPED.test(key) && !key.startsWith('__'),
  );
  return { ...Object.fromEntries(given), ...own };
}

/**
 * JSON that Postgres accepts as `jsonb`, which holds neither NUL nor lone surrogates: both become U+FFFD. State is not
 * concerned: it is stored as bytes, exactly.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.replace(UNSTORABLE, '\uFFFD') : item,
  );
}
