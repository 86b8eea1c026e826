/**
 * What transition `dispatch` hands to the queue.
 */

/** A run that must be enqueued under a new number. */
export interface Dispatch {
  runId: string;
  dispatch: number;
  priority: number;
}
