/**
 * Finds threads that clients can see.
 *
 * The page is made of keys alone, from the index of its order (`thread_by_…`, in the migrations); rows, whose values can be large, are
 * read for what is shown. Ties go the same way as the order, so that one index serves both directions.
 *
 * Raw SQL: containment in jsonb, columns to choose from, and a column to sort by.
 */

/** Which threads. `$1`, `$2`, … stand for the values of the conditions. */
export interface ThreadCondition {
  readonly where: string;
  readonly values: readonly unknown[];
}

export interface ThreadOrder {
  readonly column: string;
  readonly direction: 'ASC' | 'DESC';
}

/**
 * @param columns SQL of what is read of each thread
 * @param limit place of the parameter that says how many, such as `$3`
 * @param offset the same for how many are passed over
 */
export function searchThreads(
  columns: readonly string[],
  { where }: ThreadCondition,
  { column, direction }: ThreadOrder,
  limit: string,
  offset: string,
): string {
  const keys = column === 'thread_id' ? ['thread_id'] : [column, 'thread_id'];
  const order = (table: string): string => keys.map((key) => `${table}.${key} ${direction}`).join(', ');
  return `
SELECT ${columns.join(', ')}
FROM (
  SELECT ${keys.join(', ')} FROM thread WHERE ${where} ORDER BY ${order('thread')} LIMIT ${limit} OFFSET ${offset}
) AS page
JOIN thread ON thread.thread_id = page.thread_id
ORDER BY ${order('page')}`;
}

export function countThreads({ where }: ThreadCondition): string {
  return `SELECT count(*)::int AS total FROM thread WHERE ${where}`;
}
