/**
 * What is measured: a server that answers the requests of the Agent Server API, as processes.
 */
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from '../harness/process-usage.js';

export interface Contender {
  /** As in the tables. */
  readonly name: string;
  /** `alone`: LangGraph without any server. */
  readonly kind: 'longrun' | 'in-memory' | 'floor' | 'alone';
  /** Where it answers. */
  readonly url: string;
  /** Where its Redis is, if it has one. */
  readonly redisUrl?: string | undefined;
  /** As they are now. */
  processes(): readonly ServerProcess[];
  stop(): Promise<void>;
}

/** The graphs that all contenders run. */
export const GRAPHS_CONFIG = fileURLToPath(new URL('../../graphs/langgraph.json', import.meta.url));

/** Starts several, one after the other; what was started is stopped when a later one does not start. */
export async function startAll<C extends Contender>(starts: readonly (() => Promise<C>)[]): Promise<C[]> {
  const started: C[] = [];
  try {
    for (const start of starts) started.push(await start());
    return started;
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}

export async function stopAll(contenders: readonly Contender[]): Promise<void> {
  await Promise.allSettled(contenders.map((contender) => contender.stop()));
}

/** Gives contenders to `use`, and stops them whatever comes of it. */
export async function withContenders<T>(
  starts: readonly (() => Promise<Contender>)[],
  use: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  const contenders = await startAll(starts);
  try {
    return await use(contenders);
  } finally {
    await stopAll(contenders);
  }
}
