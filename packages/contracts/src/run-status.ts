/**
 * Run and thread statuses, and the one table of transitions between run statuses.
 *
 * The statements that perform the transitions live in `@longrun/runs` (`run-store`); the state diagram
 * that explains them is `docs/run-lifecycle.md`.
 */

/** Statuses of a run, as on the wire and in the database. The last four are terminal. */
export const RUN_STATUSES = ['pending', 'running', 'success', 'error', 'timeout', 'interrupted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Statuses from which no transition leads away. `interrupted` means cancelled. */
export const TERMINAL_RUN_STATUSES = ['success', 'error', 'timeout', 'interrupted'] as const;
export type TerminalRunStatus = (typeof TERMINAL_RUN_STATUSES)[number];

/** Statuses of a thread. `interrupted` means that its graph paused and waits for an answer. */
export const THREAD_STATUSES = ['idle', 'busy', 'interrupted', 'error'] as const;
export type ThreadStatus = (typeof THREAD_STATUSES)[number];

/** The statuses a thread can have when no run of it is active. */
export type RestingThreadStatus = Exclude<ThreadStatus, 'busy'>;

/** What a cancelled run leaves behind: `interrupt` keeps run and checkpoints, `rollback` undoes and deletes them. */
export const CANCEL_ACTIONS = ['interrupt', 'rollback'] as const;
export type CancelAction = (typeof CANCEL_ACTIONS)[number];

/** Statuses a run can be in before a transition; null is a run that does not exist yet. */
type Before = RunStatus | null;

/** Where each named transition may lead, by the status it starts from. */
export const RUN_TRANSITIONS = {
  create: [[null, ['pending']]],
  dispatch: [['pending', ['pending']]],
  claim: [['pending', ['running']]],
  finish: [
    ['pending', ['interrupted']],
    ['running', ['success', 'error', 'timeout', 'interrupted']],
  ],
  retry: [['running', ['pending']]],
  release: [['running', ['pending']]],
  rescue: [['running', ['pending', 'error', 'interrupted']]],
  cancel: [
    ['pending', ['interrupted']],
    ['running', ['running']],
  ],
} as const satisfies Record<string, readonly (readonly [Before, readonly RunStatus[]])[]>;
export type RunTransition = keyof typeof RUN_TRANSITIONS;

/** True when no transition leads away from `status`. */
export function isTerminalRunStatus(status: RunStatus): status is TerminalRunStatus {
  return (TERMINAL_RUN_STATUSES as readonly RunStatus[]).includes(status);
}

/** True when the table allows `transition` to take a run from `from` to `to`. */
export function isAllowedTransition(
  transition: RunTransition,
  from: RunStatus | null,
  to: RunStatus,
): boolean {
  const rows: readonly (readonly [Before, readonly RunStatus[]])[] = RUN_TRANSITIONS[transition];
  return rows.some(([before, after]) => before === from && after.includes(to));
}
