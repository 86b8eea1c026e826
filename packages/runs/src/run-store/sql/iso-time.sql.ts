/**
 * Times as the API writes them, for JSON that Postgres builds.
 */

/** SQL for a column of type timestamptz as ISO 8601 text in UTC; null stays null. */
export function isoTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
