/**
 * What the scenarios of this folder share: a stack on the test graphs, SDK clients, and reading of logs.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@langchain/langgraph-sdk';
import { startTestStack, type TestStack, type TestStackOptions } from '@longrun/test-stack';
import pg from 'pg';

const LONGRUN = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));
const GRAPHS_CONFIG = fileURLToPath(new URL('./graphs/langgraph.json', import.meta.url));

/** Real processes on the test graphs: two apis, two workers, one sweeper, unless said otherwise. */
export function startStack(options: Partial<TestStackOptions> = {}): Promise<TestStack> {
  return startTestStack({ configPath: GRAPHS_CONFIG, apis: 2, workers: 2, sweepers: 1, ...options });
}

export function apiUrl(stack: TestStack, index = 0): string {
  const api = stack.info.apis[index];
  if (!api) throw new Error(`The stack has no api ${index}.`);
  return api.url;
}

export function clientOf(stack: TestStack, index = 0): Client {
  return new Client({ apiUrl: apiUrl(stack, index), apiKey: null });
}

/** What the command line program prints. Rejects with `code` and `stderr` when it ends with another code than 0. */
export async function longrun(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [LONGRUN, ...args], { timeout: 30_000 });
  return stdout.trimEnd();
}

export interface SeenEvent {
  id: string | undefined;
  event: string;
  data: unknown;
  atMs: number;
}

/** All events of a stream. Keep-alives, which older SDKs turn into items without a name, are left out. */
export async function collect(
  stream: AsyncIterable<{ id?: string; event: string; data: unknown }>,
  onEvent: (event: SeenEvent) => void | Promise<void> = () => undefined,
): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  for await (const { id, event, data } of stream) {
    if (event === '') continue;
    const item = { id, event, data, atMs: performance.now() };
    seen.push(item);
    await onEvent(item);
  }
  return seen;
}

export const ids = (events: readonly SeenEvent[]): number[] => events.map((event) => Number(event.id));

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The whole log of a run, as a client that comes late reads it. */
export function replay(client: Client, threadId: string, runId: string): Promise<SeenEvent[]> {
  return collect(client.runs.joinStream(threadId, runId, { lastEventId: '-1' }));
}

/** One query on the stack's database. */
export async function query<Row extends pg.QueryResultRow>(
  stack: TestStack,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: stack.info.postgres.url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Process id of the worker that executes a run. */
export async function ownerPid(stack: TestStack, runId: string): Promise<number> {
  const [row] = await query<{ pid: number }>(
    stack,
    'SELECT worker.pid FROM run JOIN worker USING (worker_id) WHERE run_id = $1',
    [runId],
  );
  if (!row) throw new Error(`Run ${runId} has no owner.`);
  return row.pid;
}

export async function runRow(
  stack: TestStack,
  runId: string,
): Promise<{ status: string; attempt: number; crashes: number } | undefined> {
  const rows = await query<{ status: string; attempt: number; crashes: number }>(
    stack,
    'SELECT status, attempt, crashes FROM run WHERE run_id = $1',
    [runId],
  );
  return rows[0];
}

/** `step` of a custom event of the test graphs; undefined for any other. */
export function stepOf({ event, data }: SeenEvent): number | undefined {
  return event === 'custom' ? (data as { step?: number }).step : undefined;
}
