/**
 * From here on the thread is gone for every reader; the sweeper deletes its rows after a while. Under the thread's lock.
 *
 * Raw SQL: part of a transaction with row locks. $1 thread id, $2 seconds until the rows are deleted.
 */
export const HIDE_THREAD = `
UPDATE thread SET hidden_at = now(), delete_after = now() + make_interval(secs => $2)
WHERE thread_id = $1`;
