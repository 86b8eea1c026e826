/**
 * A thread for a run that brings its own: a stateless one, or `if_not_exists: "create"`.
 *
 * Raw SQL because it is part of create's transaction. $1 thread id, $2 temporary, $3 metadata (JSON text).
 */
export const INSERT_THREAD = `
INSERT INTO thread (thread_id, temporary, metadata) VALUES ($1, $2, $3::jsonb)
ON CONFLICT (thread_id) DO NOTHING`;
