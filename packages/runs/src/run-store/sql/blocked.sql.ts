/**
 * The one rule that says whether a run of a thread has to wait for another: one is running, or an earlier one is waiting
 * that is due or has already begun. A delayed run (`after_seconds`) does not hold up later ones before its time.
 *
 * @param run alias of the run that wants to go
 */
export function isBlocked(run: string): string {
  return `EXISTS (
    SELECT 1 FROM run AS other
    WHERE other.thread_id = ${run}.thread_id AND other.run_id <> ${run}.run_id
      AND (other.status = 'running'
        OR (other.status = 'pending' AND other.thread_order < ${run}.thread_order
          AND (other.attempt > 0 OR other.due_at <= now()))))`;
}
