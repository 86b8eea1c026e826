/**
 * Search below a prefix: newest first, by words, or by meaning.
 *
 * Raw SQL because the conditions depend on the filter. The search by meaning is exact: it compares all vectors below the prefix. An
 * approximate index would leave out items that the prefix or the filter keeps.
 */
import { belowPattern, escapeLike } from '../namespace.js';
import { filterConditions, type Condition } from '../store-filter.js';
import type { SqlCondition } from '@longrun/contracts';
import { IS_LIVE, meantItems } from './items.sql.js';

export interface SearchArguments {
  /** Path of the prefix; empty for everything. */
  path: string;
  filter: Record<string, unknown>;
  limit: number;
  offset: number;
  /** The items that the reader may know of; null for all. */
  meant?: SqlCondition | null | undefined;
}

/** Longest part of an item in which words are looked for: Postgres refuses word lists of more than a megabyte. */
const WORDS_LIMIT = 100_000;

export function searchNewest(search: SearchArguments): Condition {
  const { where, values } = conditions(search, 5);
  return {
    text: `
SELECT namespace_path, key, value, created_at, updated_at, ttl_minutes
FROM langgraph.store WHERE ${where}
ORDER BY updated_at DESC, namespace_path, key LIMIT $3 OFFSET $4`,
    values,
  };
}

/** Items in which the words of the query occur, the best first. */
export function searchWords(search: SearchArguments, query: string): Condition {
  const { where, values } = conditions(search, 7);
  const words = `to_tsvector('english', left(value::text, ${WORDS_LIMIT}))`;
  const [path, below, limit, offset, ...rest] = values;
  return {
    text: `
SELECT namespace_path, key, value, created_at, updated_at, ttl_minutes,
  ts_rank(${words}, plainto_tsquery('english', $5)) AS score
FROM langgraph.store
WHERE ${where} AND (${words} @@ plainto_tsquery('english', $5) OR value::text ILIKE $6)
ORDER BY score DESC, updated_at DESC, namespace_path, key LIMIT $3 OFFSET $4`,
    values: [path, below, limit, offset, query, `%${escapeLike(query)}%`, ...rest],
  };
}

/** Items by the distance of their nearest vector; items without a vector are not found. */
export function searchMeaning(search: SearchArguments, vector: readonly number[]): Condition {
  const { where, values } = conditions(search, 6);
  const [path, below, limit, offset, ...rest] = values;
  return {
    text: `
SELECT namespace_path, key, value, created_at, updated_at, ttl_minutes, 1 - nearest.distance AS score
FROM langgraph.store
JOIN (
  SELECT namespace_path, key, min(embedding <=> $5::vector) AS distance
  FROM langgraph.store_vectors WHERE ${belowPrefix()}
  GROUP BY namespace_path, key
) AS nearest USING (namespace_path, key)
WHERE ${where}
ORDER BY nearest.distance, namespace_path, key LIMIT $3 OFFSET $4`,
    values: [path, below, limit, offset, `[${vector.join(',')}]`, ...rest],
  };
}

/** $1 path, $2 pattern. */
function belowPrefix(): string {
  return `($1::text = '' OR namespace_path = $1 OR namespace_path LIKE $2)`;
}

function conditions(search: SearchArguments, firstParameter: number): { where: string; values: unknown[] } {
  const filter = filterConditions(search.filter, firstParameter);
  // The numbers of the placeholders follow those of the filter, some of which belong to the search itself.
  const numbered: unknown[] = [...Array<undefined>(firstParameter - 1), ...filter.values];
  const meant = meantItems(search.meant, numbered);
  return {
    where: `${belowPrefix()} AND ${IS_LIVE} AND ${filter.text}${meant}`,
    values: [
      search.path,
      belowPattern(search.path),
      search.limit,
      search.offset,
      ...numbered.slice(firstParameter - 1),
    ],
  };
}
