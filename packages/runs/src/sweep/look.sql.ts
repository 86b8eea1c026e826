/**
 * A look of a sweeper: one statement that observes the workers and says for each duty whether there is anything to do. It is a hint: the
 * statements of a duty decide for themselves, and what comes up in between is seen by the next look.
 *
 * Raw SQL: each condition stands beside the statement that it speaks for, and is answered from an index however many rows have ended.
 */
import { NEXT_TICK_IN_MS, IS_ANY_CRON_DUE } from '../crons/sql/due-crons.sql.js';
import { OBSERVE_WORKERS, type ObservationRow } from '../liveness/heartbeat.sql.js';
import { isAnyRunDue } from '../run-store/sql/dispatch-due-runs.sql.js';
import { IS_ANY_DELIVERY_DUE } from '../webhooks/webhooks.sql.js';
import { SWEEPER_SEEN } from './sweep.sql.js';

const HINTS = `observed.*,
  ${isAnyRunDue('$1')} AS runs_due,
  ${IS_ANY_DELIVERY_DUE} AS deliveries_due,
  ${IS_ANY_CRON_DUE} AS crons_due,
  ${NEXT_TICK_IN_MS} AS next_tick_in_ms
FROM (${OBSERVE_WORKERS}) AS observed`;

/** $1 seconds after which a run that nobody fetched is dispatched again. */
export const LOOK = `SELECT ${HINTS}`;

/**
 * The same by a sweeper that shows itself. Its answer does not wait for the disk, so that it is no older than what was observed: a sweeper
 * that Postgres forgets in a crash is seen with its next look.
 *
 * $1 as above, $2 sweeper id.
 */
export const LOOK_AND_BE_SEEN = `
WITH seen AS (${SWEEPER_SEEN})
SELECT set_config('synchronous_commit', 'off', true), ${HINTS}`;

export interface LookRow extends ObservationRow {
  runs_due: boolean;
  deliveries_due: boolean;
  crons_due: boolean;
  /** Null when no tick is to come. */
  next_tick_in_ms: number | null;
}
