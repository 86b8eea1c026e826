/**
 * `checkpointer.ttl` of langgraph.json: how long threads live that say nothing themselves.
 */
import { LongrunError } from '@longrun/contracts';
import type { ConfigFile } from './config-file.js';

export interface ThreadTtl {
  /** Minutes without anything happening to a thread. */
  readonly ttl: number;
  /** What becomes of it then. */
  readonly strategy: 'delete' | 'keep_latest';
}

/**
 * Null: threads live for ever.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong
 */
export function threadTtlOf({ content }: Pick<ConfigFile, 'content'>): ThreadTtl | null {
  const { ttl } = (content.checkpointer ?? {}) as { ttl?: unknown };
  if (ttl === undefined || ttl === null) return null;
  const { default_ttl: minutes, strategy = 'delete' } = ttl as Record<string, unknown>;
  if (minutes === undefined || minutes === null) return null;
  if (typeof minutes !== 'number' || !(minutes > 0))
    throw wrong('default_ttl', 'must be a number of minutes above 0');
  if (strategy !== 'delete' && strategy !== 'keep_latest')
    throw wrong('strategy', 'must be delete or keep_latest');
  return { ttl: minutes, strategy };
}

function wrong(key: string, problem: string): LongrunError {
  return new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: checkpointer.ttl.${key} ${problem}.`);
}
