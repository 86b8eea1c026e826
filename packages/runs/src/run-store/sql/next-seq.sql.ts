/**
 * Where the log of a claimed run goes on. A statement of its own after the claim: only then are all events of the
 * attempt before either committed or refused.
 *
 * Raw SQL: an index look-up on the hot way. $1 run id.
 */
export const NEXT_SEQ = `SELECT COALESCE(max(seq) + 1, 0)::int AS next_seq FROM run_event WHERE run_id = $1`;
