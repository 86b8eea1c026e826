/**
 * How often expired items of the store are deleted, from `store.ttl.sweep_interval_minutes` of langgraph.json. The sweeper loads no graph.
 */
import { existsSync, readFileSync } from 'node:fs';
import { LongrunError, storeTtlOf } from '@longrun/contracts';

/**
 * Milliseconds. The default stands where the file is not: a sweeper needs none.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED when the file is not JSON, or the key is wrong
 */
export function itemSweepIntervalMs(configPath: string | undefined): number {
  const isThere = configPath !== undefined && existsSync(configPath);
  return storeTtlOf(isThere ? parse(configPath) : {}).sweepIntervalMinutes * 60_000;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LongrunError('GRAPH_LOAD_FAILED', `${file} could not be read: ${String(error)}`, {
      cause: error,
    });
  }
}
