/**
 * Transition `write`: the fence of every write of an attempt outside the log (checkpoints, store): the attempt still holds the run, and goes on
 * holding it until the write's transaction has ended.
 *
 * Raw SQL: FOR SHARE in the write's own transaction. $1 run id, $2 attempt.
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { guardSql } from '../transitions/to-sql.js';

export const FENCE = `
SELECT 1 FROM public.run WHERE run_id = $1 AND ${guardSql(RUN_TRANSITIONS.write, { arguments: { attempt: '$2' } })} FOR SHARE`;
