/**
 * Appends a batch of events of several runs in one statement (group commit).
 *
 * Transition `write`. Locks the rows of the runs first, in the order of their ids, and returns the attempts that hold them, not the
 * rows that it inserted: an attempt that is missing is fenced. A batch may hold two attempts of one run, when a worker has got a run
 * back that it had lost; only one of them holds it. Sending the same batch again after an unknown outcome inserts nothing twice.
 *
 * Raw SQL: one round trip for any number of runs. $1-$2 run ids and attempts, one each; $3-$7 run id, attempt, seq, name and
 * data, one per event.
 */
import { RUN_TRANSITIONS } from '../run-store/transitions/run-transitions.js';
import { guardSql } from '../run-store/transitions/to-sql.js';

const HELD = { row: 'run', arguments: { attempt: 'mine.attempt' } };

export const APPEND_EVENTS = `
WITH held AS (
  SELECT run.run_id, run.attempt FROM run
  JOIN unnest($1::uuid[], $2::int[]) AS mine(run_id, attempt)
    ON run.run_id = mine.run_id
  WHERE ${guardSql(RUN_TRANSITIONS.write, HELD)}
  ORDER BY run.run_id
  FOR SHARE OF run
), appended AS (
  INSERT INTO run_event (run_id, seq, event, data)
  SELECT batch.run_id, batch.seq, batch.event, batch.data
  FROM unnest($3::uuid[], $4::int[], $5::int[], $6::text[], $7::text[]) AS batch(run_id, attempt, seq, event, data)
  JOIN held ON held.run_id = batch.run_id AND held.attempt = batch.attempt
  ON CONFLICT (run_id, seq) DO NOTHING
)
SELECT run_id, attempt FROM held`;
