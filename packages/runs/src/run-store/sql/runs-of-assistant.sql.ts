/**
 * What goes when an assistant goes, in batches, and the assistant itself.
 *
 * Raw SQL: range deletes over two tables, row locks.
 */

/** From here on the assistant is gone for every reader, and no new run of it is accepted. $1 assistant id. */
export const HIDE_ASSISTANT = `UPDATE assistant SET hidden_at = now() WHERE assistant_id = $1`;

/** Active runs of an assistant, running ones first. $1 assistant id, $2 rows at most. */
export const ACTIVE_RUNS_OF_ASSISTANT = `
SELECT run_id, thread_id FROM run
WHERE assistant_id = $1 AND status IN ('pending', 'running')
ORDER BY status DESC, run_id LIMIT $2`;

/**
 * Ended runs of an assistant, with their logs.
 * $1 assistant id, $2 rows at most.
 */
export const DELETE_ENDED_RUNS_OF_ASSISTANT = `
WITH doomed AS (
  SELECT run_id FROM run
  WHERE assistant_id = $1 AND status NOT IN ('pending', 'running')
  ORDER BY run_id LIMIT $2 FOR UPDATE
), log AS (
  DELETE FROM run_event USING doomed WHERE run_event.run_id = doomed.run_id
)
DELETE FROM run USING doomed WHERE run.run_id = doomed.run_id`;

/** Waits for the runs of it that are being inserted; no other can be before the end of the transaction. $1 assistant id. */
export const LOCK_ASSISTANT = `SELECT assistant_id FROM assistant WHERE assistant_id = $1 FOR UPDATE`;

/** The assistant and its versions, unless a run of it exists. Under its lock. $1 assistant id. */
export const DELETE_ASSISTANT = `
DELETE FROM assistant
WHERE assistant_id = $1 AND NOT EXISTS (SELECT 1 FROM run WHERE run.assistant_id = $1)`;
