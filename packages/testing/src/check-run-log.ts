/**
 * Whether the log of a run, or what a client read of it, keeps the promises that every log makes.
 */
import { END_EVENT, METADATA_EVENT } from '@longrun/contracts';

/** One record: of the database, or of a stream with its id read as a number. */
export interface LogRecord {
  readonly seq: number;
  readonly event: string;
  /** JSON. */
  readonly data: string;
}

/** What is expected besides the promises. */
export interface RunLogExpectations {
  /** Number of the first record. Default 0; a client that resumed begins behind its cursor. */
  readonly from?: number;
  /** The end record must be there, must not (a stream that did not ask for it), or the run is still going on. Default required. */
  readonly end?: 'required' | 'absent' | 'open';
}

/**
 * Checks: numbers without a gap or a duplicate, in order; exactly one end, and it is last; attempts never go back;
 * one run. Returns a sentence for every broken promise: a test expects an empty list.
 */
export function checkRunLog(records: readonly LogRecord[], expectations: RunLogExpectations = {}): string[] {
  const { from = 0, end = 'required' } = expectations;
  return [...checkNumbers(records, from), ...checkEnd(records, end), ...checkAttempts(records)];
}

function checkNumbers(records: readonly LogRecord[], from: number): string[] {
  const problems: string[] = [];
  let expected = from;
  for (const { seq } of records) {
    if (seq > expected) problems.push(`gap: ${String(seq)} follows where ${String(expected)} is due`);
    else if (seq < expected)
      problems.push(`duplicate or out of order: ${String(seq)} comes where ${String(expected)} is due`);
    expected = Math.max(expected, seq + 1);
  }
  return problems;
}

function checkEnd(records: readonly LogRecord[], end: 'required' | 'absent' | 'open'): string[] {
  const ends = records.filter(({ event }) => event === END_EVENT);
  if (end !== 'required') {
    return ends.length === 0 ? [] : [`end: ${String(ends.length)} end records where none is expected`];
  }
  if (ends.length !== 1) return [`end: ${String(ends.length)} end records instead of one`];
  return records.at(-1)?.event === END_EVENT
    ? []
    : [`end: ${String(records.at(-1)?.seq)} comes after the end record`];
}

function checkAttempts(records: readonly LogRecord[]): string[] {
  const problems: string[] = [];
  let attempt = 0;
  let runId: string | undefined;
  for (const { seq, data } of records.filter(({ event }) => event === METADATA_EVENT)) {
    const metadata = JSON.parse(data) as { run_id: string; attempt?: number };
    if (runId !== undefined && metadata.run_id !== runId)
      problems.push(`run: ${String(seq)} belongs to ${metadata.run_id}`);
    runId = metadata.run_id;
    const next = metadata.attempt ?? attempt;
    if (next < attempt)
      problems.push(`attempt: ${String(next)} comes after ${String(attempt)} at ${String(seq)}`);
    attempt = next;
  }
  return problems;
}
