/**
 * Whether what happened to a set of runs keeps every promise: the record in Postgres, and what clients saw of it. The judge of all
 * fault tests; that it can say no is shown by its own tests.
 */
import { METADATA_EVENT } from '@longrun/contracts';
import { checkRunLog, type LogRecord } from './check-run-log.js';

/** A write of an attempt outside the log, in the order of the commits. */
export interface AttemptWrite {
  readonly kind: 'checkpoint' | 'store item';
  readonly attempt: number;
}

/** One run as Postgres has it, and as clients saw it. */
export interface RunHistory {
  readonly runId: string;
  readonly status: string;
  readonly attempt: number;
  readonly threadStatus: string;
  readonly log: readonly LogRecord[];
  readonly writes: readonly AttemptWrite[];
  /** What each client saw; `from` is the first record that it asked for. */
  readonly readings: readonly { readonly from: number; readonly records: readonly LogRecord[] }[];
}

const TERMINAL = ['success', 'error', 'timeout', 'interrupted'];

/**
 * Checks: the run has ended and its thread is free (I1); its log is gapless, in order, with one end (I2, I6); clients saw that log and nothing else
 * (I3); no attempt wrote after a later one had begun (I4, I5).
 *
 * @returns a sentence for every broken promise
 */
export function checkHistory(run: RunHistory): string[] {
  const problems = [
    ...(TERMINAL.includes(run.status) ? [] : [`the run is still ${run.status}`]),
    ...(run.threadStatus === 'busy' ? ['its thread is still busy'] : []),
    ...checkRunLog(run.log),
    ...checkAttemptsOfEvents(run),
    ...checkWrites(run.writes),
    ...run.readings.flatMap((reading) => checkReading(run.log, reading)),
  ];
  return problems.map((problem) => `run ${run.runId}: ${problem}`);
}

/** Custom events that say of which attempt they are must stand behind the metadata of that attempt and before the next. */
function checkAttemptsOfEvents({ log, attempt: last }: RunHistory): string[] {
  const problems: string[] = [];
  let current = 0;
  for (const { seq, event, data } of log) {
    const { attempt } = attemptOf(data);
    if (attempt === undefined) continue;
    if (event === METADATA_EVENT) current = attempt;
    else if (attempt !== current) {
      problems.push(
        `zombie write: ${String(seq)} is of attempt ${String(attempt)} and stands in attempt ${String(current)}`,
      );
    }
  }
  if (current > last) problems.push(`attempt: the log knows ${String(current)}, the run ${String(last)}`);
  return problems;
}

function attemptOf(data: string): { attempt?: number } {
  const value: unknown = data === '' ? null : JSON.parse(data);
  const isTold =
    typeof value === 'object' && value !== null && 'attempt' in value && typeof value.attempt === 'number';
  return isTold ? (value as { attempt: number }) : {};
}

function checkWrites(writes: readonly AttemptWrite[]): string[] {
  const problems: string[] = [];
  let newest = 0;
  for (const { kind, attempt } of writes) {
    if (attempt < newest)
      problems.push(
        `zombie write: a ${kind} of attempt ${String(attempt)} after attempt ${String(newest)} had written`,
      );
    newest = Math.max(newest, attempt);
  }
  return problems;
}

function checkReading(
  log: readonly LogRecord[],
  { from, records }: { from: number; records: readonly LogRecord[] },
): string[] {
  const bySeq = new Map(log.map((record) => [record.seq, record]));
  const problems = checkRunLog(records, { from, end: 'absent' });
  for (const { seq, event, data } of records) {
    const kept = bySeq.get(seq);
    if (kept === undefined) problems.push(`lost: a client saw ${String(seq)}, the log does not have it`);
    else if (kept.event !== event || kept.data !== data)
      problems.push(`changed: ${String(seq)} is not what a client saw`);
  }
  const due = log.filter((record) => record.event !== 'end').at(-1)?.seq ?? -1;
  const last = records.at(-1)?.seq ?? from - 1;
  if (last < due) problems.push(`lost: a client saw records up to ${String(last)} of ${String(due)}`);
  return problems;
}
