/**
 * What has to hold of the database whatever was sent: each check is a query for what breaks it.
 */
import { END_EVENT } from '@longrun/contracts';
import type { TestStack } from '@longrun/test-stack';
import { query } from '../support.js';

/** Header that marks the runs of a request: graphs get to see it, so it is stored with them. */
export const MARK_HEADER = 'x-fuzz';

const CHECKS: Readonly<Record<string, string>> = {
  'a run without its thread or its assistant': `
    SELECT run_id FROM run LEFT JOIN thread USING (thread_id) LEFT JOIN assistant USING (assistant_id)
    WHERE thread.thread_id IS NULL OR assistant.assistant_id IS NULL`,
  'a run that has not ended': `SELECT run_id, status FROM run WHERE status IN ('pending', 'running')`,
  'a log with a hole, or with another end than one, at its end': `
    SELECT run_id, count(*)::int AS records, max(seq) AS last FROM run_event GROUP BY run_id
    HAVING count(*) <> max(seq) + 1 OR min(seq) <> 0
      OR count(*) FILTER (WHERE event = '${END_EVENT}') <> 1 OR max(seq) FILTER (WHERE event = '${END_EVENT}') <> max(seq)`,
  'an ended run without a log': `
    SELECT run_id FROM run WHERE events_pruned_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM run_event WHERE run_event.run_id = run.run_id)`,
  'a log without its run': `
    SELECT DISTINCT run_id FROM run_event WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.run_id = run_event.run_id)`,
  'a thread that is busy without a run': `SELECT thread_id FROM thread WHERE status = 'busy' AND hidden_at IS NULL`,
  'an assistant without its current version': `
    SELECT assistant_id FROM assistant WHERE hidden_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM assistant_version v WHERE v.assistant_id = assistant.assistant_id AND v.version = assistant.version)`,
};

/** What is broken, by the name of the check; empty when nothing is. */
export async function brokenChecks(stack: TestStack): Promise<Record<string, unknown>> {
  const broken: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(CHECKS)) {
    const rows = await query(stack, `${sql} LIMIT 5`);
    if (rows.length > 0) broken[name] = rows;
  }
  return broken;
}

/** Those of the marks that runs carry. */
export async function marksOfRuns(stack: TestStack): Promise<Set<string>> {
  const rows = await query<{ mark: string }>(
    stack,
    `SELECT DISTINCT kwargs -> 'config' -> 'configurable' ->> '${MARK_HEADER}' AS mark FROM run`,
  );
  return new Set(rows.map(({ mark }) => mark));
}

/** Those of the ids that are runs. */
export async function knownRuns(stack: TestStack, ids: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ run_id: string }>(
    stack,
    'SELECT run_id FROM run WHERE run_id = ANY($1::uuid[])',
    [ids],
  );
  return new Set(rows.map(({ run_id: id }) => id));
}
