/**
 * Candidates for a worker that claims straight from Postgres while Redis is away. Only a look: the claim decides.
 *
 * Raw SQL: the partial index on pending runs. $1 graph ids of the worker, $2 rows at most.
 */
import { isBlocked } from '../transitions/blocked.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { guardSql } from '../transitions/to-sql.js';
import { isFull } from './limits.sql.js';

export const WAITING_RUNS = `
SELECT mine.run_id FROM run AS mine
WHERE ${guardSql(RUN_TRANSITIONS.claim, { row: 'mine' })} AND mine.graph_id = ANY($1::text[])
  AND NOT ${isBlocked('mine')} AND (mine.limits = '{}'::jsonb OR NOT ${isFull('mine.limits')})
ORDER BY mine.priority, mine.due_at
LIMIT $2`;
