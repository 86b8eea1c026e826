/**
 * Finds assistants that clients can see. Ties go the same way as the order, so that one index serves both directions.
 *
 * Raw SQL: containment in jsonb, and a column to sort by.
 */
import type { AssistantSortField } from '../assistant-search.dto.js';
import { ASSISTANT_COLUMNS } from './assistant-row.js';

/** @param where conditions, whose values stand after $1 rows at most and $2 rows to skip */
export function searchAssistants(
  where: string,
  { column, direction }: { column: AssistantSortField; direction: 'ASC' | 'DESC' },
): string {
  return `
SELECT ${ASSISTANT_COLUMNS} FROM assistant WHERE ${where}
ORDER BY ${column} ${direction}, assistant_id ${direction} LIMIT $1 OFFSET $2`;
}

export function countAssistants(where: string): string {
  return `SELECT count(*)::int AS total FROM assistant WHERE ${where}`;
}
