/**
 * One question for all runs of which this process has heard nothing for a while: how far is their log, does it still exist.
 *
 * Raw SQL: one index look-up per run. $1 run ids.
 */
export const SILENT_RUNS = `
SELECT asked.run_id, (SELECT max(seq) FROM run_event WHERE run_event.run_id = asked.run_id)::int AS last_seq,
  run.run_id IS NULL AS deleted, COALESCE(run.events_pruned_at IS NOT NULL, false) AS pruned,
  COALESCE(run.ended_at IS NOT NULL, false) AS ended
FROM unnest($1::uuid[]) AS asked(run_id)
LEFT JOIN run ON run.run_id = asked.run_id`;

export interface SilentRunRow {
  run_id: string;
  last_seq: number | null;
  deleted: boolean;
  pruned: boolean;
  ended: boolean;
}
