/**
 * Many readers of one run, all there before it says anything.
 */
import { waitUntil } from '@longrun/testing';
import type { HttpClient, OpenStream } from './http-client.js';
import { readRun, startSeeing, type AcceptedRun, type SeenRun } from './run-requests.js';

/** Connections that are opened at a time: more would not fit into the server's backlog. */
const OPENED_TOGETHER = 200;

export interface Readers {
  readonly seen: readonly SeenRun[];
  /** Resolves when every stream was closed by the server. */
  readonly ended: Promise<unknown>;
}

/** Resolves when every reader has the first event of the run, which comes before what the gate holds back. */
export async function gatherReaders(client: HttpClient, run: AcceptedRun, count: number): Promise<Readers> {
  const seen: SeenRun[] = [];
  const streams: OpenStream[] = [];
  while (seen.length < count) {
    const some = Array.from({ length: Math.min(OPENED_TOGETHER, count - seen.length) }, () => {
      const one = startSeeing();
      seen.push(one);
      return readRun(client, run, one);
    });
    streams.push(...some);
    await Promise.all(some.map(({ opened }) => opened));
  }
  await waitUntil(() => seen.every(({ firstEventAt }) => Number.isFinite(firstEventAt)), {
    timeoutMs: 60_000,
    message: 'every reader to have the first event',
  });
  const ended = Promise.all(streams.map((stream) => stream.ended));
  ended.catch(() => undefined);
  return { seen, ended };
}
