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

/** Names of the transitions of a run; `from: null` is a run that does not exist yet. */
export const RUN_TRANSITIONS = {
  create: { from: [null], to: ['pending'] },
  dispatch: { from: ['pending'], to: ['pending'] },
  claim: { from: ['pending'], to: ['running'] },
  finish: { from: ['pending', 'running'], to: ['success', 'error', 'timeout', 'interrupted'] },
  retry: { from: ['running'], to: ['pending'] },
  release: { from: ['running'], to: ['pending'] },
  rescue: { from: ['running'], to: ['pending', 'error', 'interrupted'] },
  cancel: { from: ['pending', 'running'], to: ['running', 'interrupted'] },
} as const satisfies Record<
  string,
  { readonly from: readonly (RunStatus | null)[]; readonly to: readonly RunStatus[] }
>;
export type RunTransition = keyof typeof RUN_TRANSITIONS;

/** True when no transition leads away from `status`. */
export function isTerminalRunStatus(status: RunStatus): status is TerminalRunStatus {
  return (TERMINAL_RUN_STATUSES as readonly RunStatus[]).includes(status);
}

/** True when the table allows `transition` to take a run from `from` to `to`. */
export function isAllowedTransition(transition: RunTransition, from: RunStatus | null, to: RunStatus): boolean {
  const rule = RUN_TRANSITIONS[transition];
  return (
    (rule.from as readonly (RunStatus | null)[]).includes(from) && (rule.to as readonly RunStatus[]).includes(to)
  );
}
