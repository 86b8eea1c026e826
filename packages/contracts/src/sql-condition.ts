/**
 * A condition that one layer decides and another puts into its statement.
 */

/**
 * SQL that is true for the rows that are meant.
 *
 * @param column SQL of the jsonb value that it is about, such as `thread.metadata`
 * @param place takes a value and returns its placeholder, such as `$3`
 */
export type SqlCondition = (column: string, place: (value: unknown) => string) => string;
