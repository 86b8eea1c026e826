/**
 * A thread for a run that brings its own: a stateless one, or `if_not_exists: "create"`.
 *
 * Raw SQL because it is part of create's transaction. $1 thread id, $2 temporary.
 */
export const INSERT_THREAD = `
INSERT INTO thread (thread_id, temporary) VALUES ($1, $2)
ON CONFLICT (thread_id) DO NOTHING`;
