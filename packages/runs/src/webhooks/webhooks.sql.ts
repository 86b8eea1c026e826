/**
 * The outbox of webhooks. Rows are written by `run-store/sql/finish-run.sql.ts`, in the transaction that ends a run.
 *
 * Raw SQL: leases with SKIP LOCKED, so that any number of processes share the work.
 */

const IS_DUE = `status = 'pending' AND due_at <= now()`;

/** SQL: whether TAKE_DELIVERIES would find one. Ordered, so that no plan reads those that have ended. */
export const IS_ANY_DELIVERY_DUE = `COALESCE((
  SELECT true FROM webhook_delivery WHERE ${IS_DUE} ORDER BY due_at LIMIT 1), false)`;

/**
 * Takes deliveries that are due: for as long as an attempt may last they are nobody else's, and if the process dies they are due again.
 * $1 seconds of the lease, $2 rows at most.
 */
export const TAKE_DELIVERIES = `
UPDATE webhook_delivery SET attempts = attempts + 1, due_at = now() + make_interval(secs => $1)
WHERE delivery_id IN (
  SELECT delivery_id FROM webhook_delivery
  WHERE ${IS_DUE}
  ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING delivery_id, run_id, thread_id, url, traceparent, payload::text AS payload, attempts`;

/**
 * What came of an attempt; of a later one too, if this one had been taken for lost.
 * $1 delivery id, $2 status, $3 status of the answer, $4 error, $5 seconds until the next attempt (or null: it has ended).
 */
export const RECORD_DELIVERY = `
UPDATE webhook_delivery SET status = $2, last_status = $3, last_error = $4,
  due_at = COALESCE(now() + make_interval(secs => $5::float8), due_at),
  ended_at = CASE WHEN $5::float8 IS NULL THEN now() END
WHERE delivery_id = $1 AND status = 'pending'`;

/** Deliveries that ended long ago. $1 seconds, $2 rows at most. */
export const DELETE_OLD_DELIVERIES = `
DELETE FROM webhook_delivery WHERE delivery_id IN (
  SELECT delivery_id FROM webhook_delivery
  WHERE ended_at < now() - make_interval(secs => $1) ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

export interface DeliveryRow {
  delivery_id: string;
  run_id: string;
  thread_id: string;
  url: string;
  /** Trace context of the run; null when it has none. */
  traceparent: string | null;
  /** JSON text, as it is sent but for the time. */
  payload: string;
  attempts: number;
}
