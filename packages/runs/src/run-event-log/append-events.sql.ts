/**
 * Appends a batch of events of several runs in one statement (group commit).
 *
 * Transition `write`. Locks the rows of the runs first, in the order of their ids, and returns the runs that it locked, not the rows that it
 * inserted: a run that is missing is fenced. Sending the same batch again after an unknown outcome inserts nothing twice.
 *
 * Raw SQL: one round trip for any number of runs. $1-$2 run ids and attempts, one each; $3-$6 run id, seq, name and data,
 * one per event.
 */
import { RUN_TRANSITIONS } from '../run-store/transitions/run-transitions.js';
import { guardSql } from '../run-store/transitions/to-sql.js';

const HELD = { row: 'run', arguments: { attempt: 'mine.attempt' } };

export const APPEND_EVENTS = `
WITH held AS (
  SELECT run.run_id FROM run
  JOIN unnest($1::uuid[], $2::int[]) AS mine(run_id, attempt)
    ON run.run_id = mine.run_id
  WHERE ${guardSql(RUN_TRANSITIONS.write, HELD)}
  ORDER BY run.run_id
  FOR SHARE OF run
), appended AS (
  INSERT INTO run_event (run_id, seq, event, data)
  SELECT batch.run_id, batch.seq, batch.event, batch.data
  FROM unnest($3::uuid[], $4::int[], $5::text[], $6::text[]) AS batch(run_id, seq, event, data)
  JOIN held ON held.run_id = batch.run_id
  ON CONFLICT (run_id, seq) DO NOTHING
)
SELECT run_id FROM held`;
