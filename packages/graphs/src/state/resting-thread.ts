/**
 * What a thread looks like when a run of it has ended: the part of its row that the graph decides.
 */
import type { InterruptInfo, RestingThreadStatus } from '@longrun/contracts';
import { readThreadState, type ThreadStateRequest } from './thread-state.js';

export interface RestingThread {
  status: RestingThreadStatus;
  /**
   * As on the wire, messages flattened; null when the thread has no checkpoint, undefined when the state of a failed run
   * could not be read: then what the thread has stands.
   */
  values: unknown;
  next: string[];
  /** Open questions by task id. */
  interrupts: Record<string, InterruptInfo[]>;
}

/**
 * Reads the thread from its newest checkpoint.
 *
 * @throws the reason of the request's signal, when Postgres stays away; a failure to read the state only if the run
 * succeeded: a failed run has its own cause to tell
 */
export async function restingThread(
  request: ThreadStateRequest & { status: 'success' | 'error' },
): Promise<RestingThread> {
  const failed = request.status === 'error';
  const state = await readThreadState(request).catch((error: unknown) => {
    if (!failed || request.signal?.aborted) throw error;
    return undefined;
  });
  if (!state) return { status: failed ? 'error' : 'idle', values: state, next: [], interrupts: {} };
  const asking = state.tasks.filter((task) => task.interrupts.length > 0);
  return {
    status: failed ? 'error' : state.next.length > 0 ? 'interrupted' : 'idle',
    values: state.values,
    next: state.next,
    interrupts: Object.fromEntries(asking.map((task) => [task.id, task.interrupts])),
  };
}
