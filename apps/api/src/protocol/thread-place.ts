/**
 * Places in the event stream of a thread, and the ids and numbers that name them on the wire: the place of the run among those of the thread
 * that have begun, the number of the record in its log, and the event's part of the record. All of it is in Postgres, so that a place means
 * the same on every api and for as long as there is a log.
 */

/** Behind all parts of a record. */
export const WHOLE_RECORD = Number.MAX_SAFE_INTEGER;

export interface ThreadPlace {
  /** `start_order` of the run; 0 is before all runs. */
  readonly order: number;
  /** Number of the record in the run's log. */
  readonly seq: number;
  /** Which of the events that the record stands for, from 0; {@link WHOLE_RECORD} for all of them. */
  readonly part: number;
}

/** Before everything. */
export const BEGINNING: ThreadPlace = { order: 0, seq: -1, part: WHOLE_RECORD };

/** Records that a log can have: its numbers are 32-bit integers. 2^22 runs of a thread can be numbered behind them. */
const RECORDS_PER_RUN = 2 ** 31;

/** The number `seq` of an event: grows along the thread, and is the same for the events that one record stands for. */
export function seqOfPlace({ order, seq }: Pick<ThreadPlace, 'order' | 'seq'>): number {
  return order * RECORDS_PER_RUN + seq;
}

/** `<order>-<seq>`, with `.<part>` behind it from the second event of a record on. */
export function idOfPlace({ order, seq, part }: ThreadPlace): string {
  return part === 0 ? `${order}-${seq}` : `${order}-${seq}.${part}`;
}

/** The id of an event about a run as a whole: clients take the run's id from it, which the event itself does not have. */
export function idOfRunEvent(runId: string, place: ThreadPlace): string {
  return `synth:${runId}:${idOfPlace(place)}`;
}

const EVENT_ID = /^(?:synth:[0-9a-f-]{36}:)?(\d{1,7})-(\d{1,10})(?:\.(\d{1,10}))?$/;

/**
 * The place that an id or a number of an event names; `-` and `-1` are the beginning. Null for anything else.
 */
export function parsePlace(text: string): ThreadPlace | null {
  if (text === '-' || text === '-1') return BEGINNING;
  if (/^\d{1,16}$/.test(text)) return placeOfSeq(Number(text));
  const match = EVENT_ID.exec(text);
  if (!match) return null;
  return { order: Number(match[1]), seq: Number(match[2]), part: Number(match[3] ?? 0) };
}

/** The place of a `seq`; null for what is no such number. */
export function placeOfSeq(seq: number): ThreadPlace | null {
  if (!Number.isSafeInteger(seq) || seq < 0) return null;
  if (seq === 0) return BEGINNING;
  return { order: Math.floor(seq / RECORDS_PER_RUN), seq: seq % RECORDS_PER_RUN, part: WHOLE_RECORD };
}

/** Whether one place comes before another. */
export function isBefore(one: ThreadPlace, other: ThreadPlace): boolean {
  if (one.order !== other.order) return one.order < other.order;
  return one.seq === other.seq ? one.part < other.part : one.seq < other.seq;
}
