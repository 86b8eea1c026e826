/**
 * The fence, for those who write outside this package. A subpath of its own (`@longrun/runs/fence`): the processes of suspect runs need
 * nothing else of this package, and start faster without its queue.
 */
import { FENCE } from './sql/fence.sql.js';

/** The statement and parameters that every write of an attempt outside the log carries in its transaction. */
export function fenceStatement(
  runId: string,
  attempt: number,
): {
  text: string;
  values: [runId: string, attempt: number];
} {
  return { text: FENCE, values: [runId, attempt] };
}
