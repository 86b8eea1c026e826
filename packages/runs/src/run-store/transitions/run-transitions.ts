/**
 * The one table of transitions: when each may happen, and what it makes of a run's row. The statements in `../sql` are built from
 * it, decisions under a lock are taken with it, and the simulation runs on it. What a statement does besides (history, times for
 * display, the thread, limits, the log) stands in the statement.
 *
 * `docs/run-lifecycle.md` has the diagram.
 */
import { TERMINAL_RUN_STATUSES, type TerminalRunStatus } from '@longrun/contracts';
import {
  after,
  all,
  any,
  argument,
  atMost,
  below,
  choice,
  column,
  equal,
  first,
  fragment,
  isNull,
  isTrue,
  literal,
  now,
  sum,
  type Condition,
  type RunColumns,
} from './expression.js';
import { transition, type Assignments, type Transition } from './transition.js';

const isDue = atMost(column('due_at'), now);
const isUnmarked = isNull(column('cancel_requested_at'));
/** The fence: nobody else has claimed the run since. */
const isOwnAttempt = equal(column('attempt'), argument('attempt'));
const one = literal(1);

/** A new queue entry: BullMQ ignores an id that it still knows. */
const newEntry = { dispatch: sum(column('dispatch'), one), dispatched_at: now } satisfies Assignments;

/** Doublings of the wait before a run is dispatched again. */
const MOST_DOUBLINGS = 6;

/**
 * Nobody fetched the run for a while. The wait doubles with every dispatch (1 s, 2 s, … 64 s): a run that merely waits its turn in
 * a long queue must not fill that queue with copies of itself.
 */
const isForgotten: Condition = fragment({
  sql: ({ row, arguments: given }) => {
    const at = row === undefined ? '' : `${row}.`;
    return `${at}dispatched_at < now() - make_interval(secs => ${given?.seconds} * power(2, LEAST(GREATEST(${at}dispatch - 1, 0), ${MOST_DOUBLINGS})))`;
  },
  holds: ({ row, arguments: given, now: time = NaN }) => {
    const { dispatched_at: at = null, dispatch = NaN } = row;
    const doublings = Math.min(Math.max(dispatch - 1, 0), MOST_DOUBLINGS);
    return at !== null && at < time - (given?.seconds ?? NaN) * 1_000 * 2 ** doublings;
  },
});

export const RUN_TRANSITIONS = {
  /** A run is accepted. One that may go at once is dispatched in the same breath. */
  create: transition({
    from: [],
    to: 'pending',
    set: {
      due_at: after(argument('seconds')),
      dispatch: choice(isTrue(argument('waits')), literal(0), one),
      dispatched_at: choice(isTrue(argument('waits')), literal(null), now),
    },
  }),

  /** It goes to the queue: its turn has come. */
  dispatch: transition({ from: ['pending'], when: isDue, set: newEntry }),

  /** It goes to the queue again, or for the first time when nobody else saw that it may: reconcile. */
  redispatch: transition({
    from: ['pending'],
    when: all(isDue, any(isNull(column('dispatched_at')), isForgotten)),
    set: newEntry,
  }),

  /** It was on its way too early: it waits for its turn again. */
  holdBack: transition({ from: ['pending'], set: { dispatched_at: literal(null) } }),

  /** A worker takes it. The attempt is the fencing token of everything it writes from here on. */
  claim: transition({
    from: ['pending'],
    to: 'running',
    when: isDue,
    set: { attempt: sum(column('attempt'), one), worker_id: argument('worker') },
  }),

  /** Every write of an attempt: event, checkpoint, item of the store. Changes nothing here. */
  write: transition({ from: ['running'], when: isOwnAttempt }),

  /** It committed a checkpoint of its own: earlier worker deaths no longer count against it. */
  progress: transition({
    from: ['running'],
    when: all(isOwnAttempt, below(literal(0), column('crashes'))),
    set: { crashes: literal(0) },
  }),

  /** Its stopping worker gives it back, nothing charged. With a cancel mark it is finished instead. */
  release: transition({
    from: ['running'],
    to: 'pending',
    when: all(isOwnAttempt, isUnmarked),
    set: { worker_id: literal(null), due_at: now, ...newEntry },
  }),

  /** The graph failed, and the run's own policy starts it again: reconcile does, when it is due. */
  retry: transition({
    from: ['running'],
    to: 'pending',
    when: all(isOwnAttempt, isUnmarked),
    set: {
      worker_id: literal(null),
      due_at: after(argument('seconds')),
      retries: sum(column('retries'), one),
      dispatch: newEntry.dispatch,
      dispatched_at: choice(below(literal(0), argument('seconds')), literal(null), now),
    },
  }),

  /** Its worker is dead. With a cancel mark, or at the crash limit, it is finished instead. */
  rescue: transition({
    from: ['running'],
    to: 'pending',
    when: all(
      isOwnAttempt,
      isUnmarked,
      below(sum(column('crashes'), argument('charge')), argument('crashLimit')),
    ),
    set: {
      worker_id: literal(null),
      crashes: sum(column('crashes'), argument('charge')),
      due_at: now,
      ...newEntry,
    },
  }),

  /** A user's wish, while it is executed: the durable mark. A rollback that was asked for stays one. */
  cancel: transition({
    from: ['running'],
    set: {
      cancel_requested_at: first(column('cancel_requested_at'), now),
      cancel_action: choice(
        equal(column('cancel_action'), literal('rollback')),
        column('cancel_action'),
        argument('action'),
      ),
      cancel_reason: first(column('cancel_reason'), argument('reason')),
    },
  }),

  /** It ends: by its attempt, or by whoever has the locks (api and sweeper, which name no attempt). */
  finish: transition({
    from: ['pending', 'running'],
    to: TERMINAL_RUN_STATUSES,
    when: any(isNull(argument('attempt')), all(equal(column('status'), literal('running')), isOwnAttempt)),
    set: { worker_id: literal(null), cancel_reason: first(column('cancel_reason'), argument('reason')) },
  }),
} as const satisfies Record<string, Transition>;

export type RunTransition = keyof typeof RUN_TRANSITIONS;

/**
 * What finish makes of an attempt's success. Whoever marked the run has been answered that it is cancelled, so that is how it ends, also
 * when its graph was through before it heard of the mark. A failure stays one: readers may have been told.
 *
 * @param run as it is under the lock
 */
export function endStatus(
  run: Pick<RunColumns, 'cancel_requested_at'>,
  status: TerminalRunStatus,
): TerminalRunStatus {
  return status === 'success' && run.cancel_requested_at !== null ? 'interrupted' : status;
}
