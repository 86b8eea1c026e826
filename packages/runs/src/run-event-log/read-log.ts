/**
 * Reads a page of a run's log: from the hot tail as far as that has no hole, else from Postgres.
 */
import type { NumberedRunEvent } from '@longrun/contracts';
import type pg from 'pg';
import { READ_EVENTS } from './read-events.sql.js';
import type { RunEventBus } from './run-event-bus.js';

/** Events of one page. */
export const PAGE_EVENTS = 500;

/**
 * The events after `cursor`, contiguous, at most {@link PAGE_EVENTS}. Empty when there are none yet.
 *
 * @param cursor last seq that the reader has; -1 for none
 * @throws the driver's error when Postgres is away
 */
export async function readLog(
  pool: pg.Pool,
  bus: RunEventBus,
  runId: string,
  cursor: number,
): Promise<NumberedRunEvent[]> {
  const tail = await bus.readTail(runId, cursor, PAGE_EVENTS);
  if (tail.length > 0) return tail;
  const { rows } = await pool.query<NumberedRunEvent>({
    name: 'read-events',
    text: READ_EVENTS,
    values: [runId, cursor, PAGE_EVENTS],
  });
  return contiguous(rows, cursor);
}

/**
 * Cuts a page at its first hole. There is none in a log by construction (numbers are committed in order, and pruning
 * takes whole logs); a reader that met one must ask again rather than skip.
 */
function contiguous(events: NumberedRunEvent[], cursor: number): NumberedRunEvent[] {
  const hole = events.findIndex((event, index) => event.seq !== cursor + 1 + index);
  return hole === -1 ? events : events.slice(0, hole);
}
