/**
 * The question whether Postgres answers, for health.
 */
import type pg from 'pg';

/** Longest wait for the answer, milliseconds; a connection may take `CONNECT_TIMEOUT_MS` before it. */
const ANSWER_MS = 2_000;

/**
 * Asks through the pool, as a request would. @throws the driver's error when there was no answer within 4 s: neither a
 * connection nor a result
 */
export async function askPostgres(pool: pg.Pool): Promise<void> {
  // The driver reads the limit from the query as well; its types do not say so.
  const question: pg.QueryConfig & { query_timeout: number } = { text: 'SELECT 1', query_timeout: ANSWER_MS };
  await pool.query(question);
}
