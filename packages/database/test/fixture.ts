/**
 * Small things that every test of this package needs.
 */
import pg from 'pg';

/** One statement on a connection of its own. */
export async function execute<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Where a server listens, for a proxy before it. */
export function portOf(url: string): number {
  return Number(new URL(url).port);
}
