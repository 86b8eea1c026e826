/**
 * The requests of the load: how a client has a run executed, and when it saw what.
 */
import { randomUUID } from 'node:crypto';
import { nowMs } from '../harness/clock.js';
import type { HttpClient, OpenStream } from './http-client.js';

/** What to run. */
export interface RunSpec {
  readonly graph: 'noop' | 'tokens' | 'steps';
  readonly input: Readonly<Record<string, unknown>>;
  readonly streamMode: 'values' | 'custom';
  /** Default: a new one. */
  readonly threadId?: string;
  /** Keep the events for readers that come later; Longrun does so in any case. */
  readonly resumable?: boolean;
}

export const NOOP: RunSpec = { graph: 'noop', input: { n: 1 }, streamMode: 'values' };
export const ONE_TOKEN = tokens(1, 0);

/** `count` tokens, one every `everyMs`; 0 for all at once. They wait until the file `gate` exists. */
export function tokens(count: number, everyMs: number, gate: string | null = null): RunSpec {
  return { graph: 'tokens', input: { count, everyMs, gate }, streamMode: 'custom' };
}

export function steps(count: number, streamMode: RunSpec['streamMode'] = 'values'): RunSpec {
  return { graph: 'steps', input: { steps: count, done: 0 }, streamMode };
}

/** What one reader saw of a run; times in monotonic ms, NaN for what did not come. */
export interface SeenRun {
  readonly sentAt: number;
  firstEventAt: number;
  firstTokenAt: number;
  /** When the graph said the first token. */
  firstTokenSaidAt: number;
  lastTokenAt: number;
  lastTokenSaidAt: number;
  endedAt: number;
  /** Numbers of the tokens as they came, and how long each was on its way, ms. */
  readonly tokens: number[];
  readonly delays: number[];
}

/** A run that is being streamed. */
export interface OpenedRun extends OpenStream {
  readonly seen: SeenRun;
}

export interface AcceptedRun {
  readonly run_id: string;
  readonly thread_id: string;
}

/** POST stream: one request for the run and its events. */
export async function streamRun(client: HttpClient, spec: RunSpec): Promise<SeenRun> {
  const { seen, ended } = openRun(client, spec);
  await ended;
  return seen;
}

/** The same, not waited for. */
export function openRun(client: HttpClient, spec: RunSpec): OpenedRun {
  const seen = startSeeing();
  const path = `/threads/${threadOf(spec)}/runs/stream`;
  const { opened, ended } = client.postStream(path, bodyOf(spec), see(seen));
  const done = ended.then(() => {
    seen.endedAt = nowMs();
  });
  done.catch(() => undefined);
  return { seen, opened, ended: done };
}

/** POST in the background, then the run's stream. */
export async function backgroundRun(client: HttpClient, spec: RunSpec): Promise<SeenRun> {
  const seen = startSeeing();
  const run = await createRun(client, spec);
  await readRun(client, run, seen).ended;
  seen.endedAt = nowMs();
  return seen;
}

/** POST in the background, then join: the answer is the state at the run's end. */
export async function joinedRun(client: HttpClient, spec: RunSpec): Promise<void> {
  const run = await createRun(client, spec);
  await client.json('GET', `/threads/${run.thread_id}/runs/${run.run_id}/join`);
}

export function createRun(client: HttpClient, spec: RunSpec): Promise<AcceptedRun> {
  return client.json<AcceptedRun>('POST', `/threads/${threadOf(spec)}/runs`, bodyOf(spec));
}

/** One more reader of a run, from its start. */
export function readRun(client: HttpClient, run: AcceptedRun, seen: SeenRun): OpenStream {
  return client.getStream(`/threads/${run.thread_id}/runs/${run.run_id}/stream`, see(seen));
}

export function startSeeing(): SeenRun {
  return {
    sentAt: nowMs(),
    firstEventAt: NaN,
    firstTokenAt: NaN,
    firstTokenSaidAt: NaN,
    lastTokenAt: NaN,
    lastTokenSaidAt: NaN,
    endedAt: NaN,
    tokens: [],
    delays: [],
  };
}

/** What is wrong with the tokens that a reader got: lost, doubled, out of order. */
export function faultsOf(seen: SeenRun, expected: number): string[] {
  const faults = seen.tokens.filter((token, index) => token !== index).length;
  if (faults === 0 && seen.tokens.length === expected) return [];
  return [
    `${String(seen.tokens.length)} of ${String(expected)} tokens came, ${String(faults)} not in their place`,
  ];
}

function see(seen: SeenRun): (event: string, data: string) => void {
  return (event, data) => {
    const at = nowMs();
    if (Number.isNaN(seen.firstEventAt)) seen.firstEventAt = at;
    if (event !== 'custom') return;
    const { token, at: saidAt } = JSON.parse(data) as { token: number; at: number };
    if (seen.tokens.length === 0) {
      seen.firstTokenAt = at;
      seen.firstTokenSaidAt = saidAt;
    }
    seen.lastTokenAt = at;
    seen.lastTokenSaidAt = saidAt;
    seen.tokens.push(token);
    seen.delays.push(at - saidAt);
  };
}

function threadOf(spec: RunSpec): string {
  return spec.threadId ?? randomUUID();
}

function bodyOf({ graph, input, streamMode, resumable }: RunSpec): unknown {
  return {
    assistant_id: graph,
    input,
    stream_mode: [streamMode],
    if_not_exists: 'create',
    ...(resumable === undefined ? {} : { stream_resumable: resumable }),
    config: { recursion_limit: 10_000 },
  };
}
