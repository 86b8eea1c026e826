/**
 * Reads from Postgres what happened to runs, for the judge.
 */
import {
  checkHistory,
  waitUntil,
  type AttemptWrite,
  type LogRecord,
  type RunHistory,
} from '@longrun/testing';
import type { FaultStack } from './fault-stack.js';
import type { Reading } from './run-client.js';

/** A run and who read it. */
export interface WatchedRun {
  readonly runId: string;
  readonly threadId: string;
  readonly readings: readonly { readonly from: number; readonly reading: Reading }[];
}

export interface RunRow {
  run_id: string;
  status: string;
  attempt: number;
  crashes: number;
  thread_status: string;
  error: { error: string; message: string } | null;
}

/** The rows of runs. */
export async function runRows(stack: FaultStack, runIds: readonly string[]): Promise<RunRow[]> {
  return stack.query<RunRow>(
    `SELECT run_id, run.status, attempt, crashes, run.error, thread.status AS thread_status
      FROM run JOIN thread USING (thread_id) WHERE run_id = ANY($1::uuid[])`,
    [runIds],
  );
}

/** Waits until all have ended. @returns the problem that some have not, or nothing */
export async function untilAllEnded(
  stack: FaultStack,
  runIds: readonly string[],
  timeoutMs: number,
): Promise<string[]> {
  let open: { status: string; runs: number }[] = [];
  try {
    await waitUntil(
      async () => {
        open = await stack.query(
          `SELECT status, count(*)::int AS runs FROM run
            WHERE run_id = ANY($1::uuid[]) AND status IN ('pending', 'running') GROUP BY status`,
          [runIds],
        );
        return open.length === 0;
      },
      { timeoutMs, intervalMs: 100, message: 'the end of all runs' },
    );
    return [];
  } catch {
    const what = open.map(({ status, runs }) => `${String(runs)} ${status}`).join(', ');
    return [`after ${String(timeoutMs / 1_000)} s runs have not ended: ${what}`];
  }
}

/**
 * Judges runs that are expected to have ended; every reading is read to its end first.
 *
 * @param readWithinMs how long a reader may need for what is left
 */
export async function judge(
  stack: FaultStack,
  runs: readonly WatchedRun[],
  readWithinMs = 20_000,
): Promise<string[]> {
  const late = await untilRead(runs, readWithinMs);
  const ids = runs.map(({ runId }) => runId);
  const [rows, logs, writes] = [
    await runRows(stack, ids),
    await readLogs(stack, ids),
    await readWrites(stack, ids),
  ];
  const byId = new Map(rows.map((row) => [row.run_id, row]));
  const problems = runs.flatMap(({ runId, readings }) => {
    const row = byId.get(runId);
    if (!row) return [`run ${runId}: it was accepted and does not exist`];
    const history: RunHistory = {
      runId,
      status: row.status,
      attempt: row.attempt,
      threadStatus: row.thread_status,
      log: logs.get(runId) ?? [],
      writes: writes.get(runId) ?? [],
      readings: readings.map(({ from, reading }) => ({ from, records: reading.records })),
    };
    return checkHistory(history);
  });
  return [...late, ...problems];
}

async function untilRead(runs: readonly WatchedRun[], withinMs: number): Promise<string[]> {
  const all = Promise.all(runs.flatMap(({ readings }) => readings.map(({ reading }) => reading.done)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(
      () => resolve([`a stream of an ended run is still open after ${String(withinMs / 1_000)} s`]),
      withinMs,
    );
  });
  const problems = await Promise.race([all.then(() => []), late]);
  clearTimeout(timer);
  return problems;
}

async function readLogs(stack: FaultStack, ids: readonly string[]): Promise<Map<string, LogRecord[]>> {
  const rows = await stack.query<LogRecord & { run_id: string }>(
    'SELECT run_id, seq, event, data FROM run_event WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, seq',
    [ids],
  );
  return groupByRun(rows);
}

async function readWrites(stack: FaultStack, ids: readonly string[]): Promise<Map<string, AttemptWrite[]>> {
  const rows = await stack.query<AttemptWrite & { run_id: string }>(
    `SELECT run_id, 'checkpoint' AS kind, attempt FROM langgraph.checkpoints
      WHERE run_id = ANY($1::uuid[]) AND checkpoint_ns = '' ORDER BY run_id, commit_seq`,
    [ids],
  );
  return groupByRun(rows);
}

function groupByRun<Row extends { run_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.run_id, [...(groups.get(row.run_id) ?? []), row]);
  return groups;
}

/** Problems of runs that should have ended otherwise. */
export async function checkRows(
  stack: FaultStack,
  runIds: readonly string[],
  expected: Partial<Pick<RunRow, 'status' | 'attempt' | 'crashes'>>,
): Promise<string[]> {
  const rows = await runRows(stack, runIds);
  return rows.flatMap((row) =>
    Object.entries(expected).flatMap(([name, value]) => {
      const actual = row[name as keyof RunRow];
      return actual === value
        ? []
        : [`run ${row.run_id}: ${name} is ${JSON.stringify(actual)}, not ${String(value)}`];
    }),
  );
}

/** Entries of the histories of runs: who did what to them, by Postgres's clock. */
export async function historyOf(
  stack: FaultStack,
  runIds: readonly string[],
): Promise<{ run_id: string; what: string; at: Date; attempt: number | null; worker: string | null }[]> {
  return stack.query(
    `SELECT run_id, entry->>'what' AS what, (entry->>'at')::timestamptz AS at, (entry->>'attempt')::int AS attempt,
      entry->>'worker' AS worker
      FROM run, jsonb_array_elements(history) WITH ORDINALITY AS entries(entry, number)
      WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, number`,
    [runIds],
  );
}

/** From the creation to the first claim, by Postgres's clock, ms. */
export async function startDelays(stack: FaultStack, ids: readonly string[]): Promise<number[]> {
  const rows = await stack.query<{ run_id: string; created_at: Date }>(
    'SELECT run_id, created_at FROM run WHERE run_id = ANY($1::uuid[])',
    [ids],
  );
  const claims = (await historyOf(stack, ids)).filter(
    ({ what, attempt }) => what === 'claim' && attempt === 1,
  );
  const claimedAt = new Map(claims.map(({ run_id, at }) => [run_id, at.getTime()]));
  return rows.flatMap(({ run_id, created_at }) => {
    const at = claimedAt.get(run_id);
    return at === undefined ? [] : [at - created_at.getTime()];
  });
}
