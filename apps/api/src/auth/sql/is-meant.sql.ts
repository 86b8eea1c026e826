/**
 * Whether a thing that a request names is one that its caller may know of. No row when there is none: whoever looks for it says so.
 *
 * Raw SQL: the condition is decided at run time.
 */
import type { JsonObject, SqlCondition } from '@longrun/contracts';

/** What filters of handlers are about; a run is what its thread is. */
export type Filtered = 'thread' | 'run' | 'assistant' | 'cron';

const SOURCES: Readonly<Record<Filtered, { from: string; key: string; metadata: string }>> = {
  thread: { from: 'thread', key: 'thread_id', metadata: 'thread.metadata' },
  run: { from: 'run JOIN thread USING (thread_id)', key: 'run_id', metadata: 'thread.metadata' },
  assistant: { from: 'assistant', key: 'assistant_id', metadata: 'assistant.metadata' },
  cron: { from: 'cron', key: 'cron_id', metadata: 'cron.metadata' },
};

/** @param ids of the things; the answer has those of them that are there and not meant */
export function findRefused(
  what: Filtered,
  ids: readonly string[],
  condition: SqlCondition,
): { text: string; values: unknown[] } {
  const { from, key, metadata } = SOURCES[what];
  const values: unknown[] = [ids];
  const meant = condition(metadata, (value) => `$${values.push(value)}`);
  return {
    text: `SELECT ${key}::text AS id FROM ${from} WHERE ${key} = ANY($1::uuid[]) AND (${meant}) IS NOT TRUE`,
    values,
  };
}

/** The same for something that is not stored. */
export function isMeant(metadata: JsonObject, condition: SqlCondition): { text: string; values: unknown[] } {
  const values: unknown[] = [JSON.stringify(metadata)];
  const meant = condition('$1::jsonb', (value) => `$${values.push(value)}`);
  return { text: `SELECT (${meant}) IS TRUE AS is_meant`, values };
}
