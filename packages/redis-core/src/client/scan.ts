/**
 * SCAN as an async iterator, a page in memory at a time.
 */
import type { RedisArgument } from '../connections/command-channel.js';
import type { OperationOptions } from './operation-options.js';
import { texts } from './replies.js';

/** What to look for. */
export interface ScanOptions extends OperationOptions {
  /** A glob for the whole key, prefix included if the kit has one. */
  readonly match?: string;
  /** How much the server looks at per page, about. Default 200: a page must not hold up the others. */
  readonly count?: number;
  /** Only keys of this type: `string`, `hash`, `list`, `set`, `zset`, `stream`. */
  readonly type?: string;
}

const DEFAULT_COUNT = 200;

/** Fetches a page: the cursor of the next, and keys. */
export type PageReader = (args: readonly RedisArgument[], options: OperationOptions) => Promise<unknown>;

/** Iterates over the keys of one server after the other. */
export async function* scanKeys(
  servers: readonly PageReader[],
  options: ScanOptions,
): AsyncIterableIterator<string> {
  for (const scan of servers) yield* scanServer(scan, options);
}

async function* scanServer(scan: PageReader, options: ScanOptions): AsyncIterableIterator<string> {
  const { match, type, count = DEFAULT_COUNT } = options;
  const filter = [
    ...(match === undefined ? [] : ['MATCH', match]),
    'COUNT',
    count,
    ...(type === undefined ? [] : ['TYPE', type]),
  ];
  let cursor = '0';
  do {
    const [next, keys] = (await scan([cursor, ...filter], options)) as [unknown, unknown];
    yield* texts(keys);
    cursor = String(next);
  } while (cursor !== '0');
}
