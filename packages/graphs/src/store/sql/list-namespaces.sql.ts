/**
 * The namespaces that hold an item, cut to a depth.
 *
 * Raw SQL because the conditions depend on the request.
 */
import type { SqlCondition } from '@longrun/contracts';
import { belowPattern, checkLabel, encodeLabel } from '../namespace.js';
import type { Condition } from '../store-filter.js';
import { IS_LIVE, meantItems } from './items.sql.js';

export interface NamespaceMatch {
  matchType: 'prefix' | 'suffix';
  /** `*` stands for any one label. */
  path: readonly string[];
}

export interface ListArguments {
  matches: readonly NamespaceMatch[];
  maxDepth: number | undefined;
  limit: number;
  offset: number;
  /** The items that the reader may know of; null for all. */
  meant: SqlCondition | null | undefined;
}

/** @throws LongrunError VALIDATION_FAILED naming a wrong label */
export function listNamespaces(list: ListArguments): Condition {
  const values: unknown[] = [list.limit, list.offset];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const where = list.matches.flatMap(({ matchType, path }) => [
    `cardinality(labels) >= ${path.length}`,
    ...path.flatMap((label, index) => {
      if (label === '*') return [];
      const place =
        matchType === 'prefix' ? `${index + 1}` : `cardinality(labels) - ${path.length - 1 - index}`;
      return [`labels[${place}] = ${bind(encodeLabel(checkLabel(label, matchType)))}`];
    }),
  ]);
  const below = list.matches.flatMap((match) => {
    const path = literalStart(match);
    return path === ''
      ? []
      : [`(namespace_path = ${bind(path)} OR namespace_path LIKE ${bind(belowPattern(path))})`];
  });
  const meant = meantItems(list.meant, values);
  const depth = list.maxDepth === undefined ? 'labels' : `labels[1:${bind(list.maxDepth)}::int]`;
  return {
    text: `
SELECT DISTINCT array_to_string(${depth}, ':') AS labels
FROM (
  SELECT DISTINCT string_to_array(namespace_path, ':') AS labels
  FROM langgraph.store WHERE ${[IS_LIVE, ...below].join(' AND ')}${meant}
) AS paths
WHERE ${['true', ...where].join(' AND ')}
ORDER BY 1 LIMIT $1 OFFSET $2`,
    values,
  };
}

/** The labels of a prefix before its first wildcard: an index leads there. */
function literalStart({ matchType, path }: NamespaceMatch): string {
  if (matchType !== 'prefix') return '';
  const wildcard = path.indexOf('*');
  return path
    .slice(0, wildcard === -1 ? path.length : wildcard)
    .map(encodeLabel)
    .join(':');
}
