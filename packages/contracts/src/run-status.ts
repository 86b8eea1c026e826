/**
 * Run and thread statuses. The table of transitions between those of runs is in `@longrun/runs` (`run-store/transitions`); the diagram is in
 * `docs/run-lifecycle.md`.
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

/** True when no transition leads away from `status`. */
export function isTerminalRunStatus(status: RunStatus): status is TerminalRunStatus {
  return (TERMINAL_RUN_STATUSES as readonly RunStatus[]).includes(status);
}
