/**
 * The form of what is pushed for a run: its new records, or only their numbers when they are large.
 *
 * Records are joined by "\n", each `<seq>\t<event>\t<data>`; an announcement is `!<first>\t<last>`. JSON of one line
 * holds neither raw newlines nor raw tabs, so nothing needs escaping.
 */

/** One numbered event of a run; `data` is one line of JSON. */
export interface TailRecord {
  readonly seq: number;
  readonly event: string;
  readonly data: string;
}

/** A decoded message: the events themselves, or the numbers of events to be read elsewhere. */
export type TailMessage =
  | { readonly kind: 'events'; readonly events: TailRecord[] }
  | { readonly kind: 'announce'; readonly first: number; readonly last: number };

/** Encodes records as the script publishes them. */
export function encodeTailEvents(records: readonly TailRecord[]): string {
  return records.map(({ seq, event, data }) => `${String(seq)}\t${event}\t${data}`).join('\n');
}

/** Encodes an announcement of the records from `first` to `last`. */
export function encodeTailAnnouncement(first: number, last: number): string {
  return `!${String(first)}\t${String(last)}`;
}

/**
 * Decodes a message.
 *
 * @throws TypeError when it is not of this form; the message tells its beginning
 */
export function decodeTailMessage(message: string): TailMessage {
  if (message.startsWith('!')) {
    const [first, last] = message.slice(1).split('\t').map(Number);
    if (!isSeq(first) || !isSeq(last)) throw malformed(message);
    return { kind: 'announce', first, last };
  }
  return { kind: 'events', events: message.split('\n').map((line) => decodeRecord(line, message)) };
}

function decodeRecord(line: string, message: string): TailRecord {
  const afterSeq = line.indexOf('\t');
  const afterEvent = line.indexOf('\t', afterSeq + 1);
  const seq = Number(line.slice(0, afterSeq));
  if (afterSeq < 1 || afterEvent < 0 || !isSeq(seq)) throw malformed(message);
  return { seq, event: line.slice(afterSeq + 1, afterEvent), data: line.slice(afterEvent + 1) };
}

function isSeq(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

function malformed(message: string): TypeError {
  return new TypeError(`Not a message of a run's tail: ${JSON.stringify(message.slice(0, 60))}.`);
}
