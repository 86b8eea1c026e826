/**
 * Reads a page of a run's log: from the hot tail as far as that has no hole, else from Postgres.
 */
import { READER_BUFFER_BYTES, type NumberedRunEvent } from '@longrun/contracts';
import type pg from 'pg';
import { READ_EVENTS } from './read-events.sql.js';
import type { RunEventBus } from './run-event-bus.js';

/** Events of one page. */
export const PAGE_EVENTS = 500;
/** Bytes of data of one page, which the last of its events may exceed: a reader holds a page while its client is slow. */
const PAGE_BYTES = READER_BUFFER_BYTES;

export interface LogPage {
  /** Contiguous. */
  readonly events: NumberedRunEvent[];
  /** There may be more behind it. */
  readonly isFull: boolean;
}

/**
 * The events after `cursor`, at most {@link PAGE_EVENTS} and about as much as a reader may buffer. None when there are none yet.
 *
 * @param cursor last seq that the reader has; -1 for none
 * @throws the driver's error when Postgres is away
 */
export async function readLog(
  pool: pg.Pool,
  bus: RunEventBus,
  runId: string,
  cursor: number,
): Promise<LogPage> {
  const tail = await bus.readTail(runId, cursor, { records: PAGE_EVENTS, bytes: PAGE_BYTES });
  if (tail.length > 0) return pageOf(tail);
  const { rows } = await pool.query<NumberedRunEvent>({
    name: 'read-events',
    text: READ_EVENTS,
    values: [runId, cursor, PAGE_EVENTS, PAGE_BYTES],
  });
  return pageOf(contiguous(rows, cursor));
}

function pageOf(events: NumberedRunEvent[]): LogPage {
  const isFull = events.length >= PAGE_EVENTS || bytesOf(events) >= PAGE_BYTES;
  return { events, isFull };
}

function bytesOf(events: readonly NumberedRunEvent[]): number {
  return events.reduce((bytes, { data }) => bytes + Buffer.byteLength(data), 0);
}

/**
 * Cuts a page at its first hole. There is none in a log by construction (numbers are committed in order, and pruning
 * takes whole logs); a reader that met one must ask again rather than skip.
 */
function contiguous(events: NumberedRunEvent[], cursor: number): NumberedRunEvent[] {
  const hole = events.findIndex((event, index) => event.seq !== cursor + 1 + index);
  return hole === -1 ? events : events.slice(0, hole);
}
