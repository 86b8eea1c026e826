/**
 * The record of runs: the only place where a run's status changes.
 */
export type { CancelResult, CancelWish } from './cancel-run.js';
export type { ClaimedRun } from './claim-run.js';
export { AssistantChangedError, type CreatedRun, type CreateRunInput } from './create-run-input.js';
export type { DeletedActiveRun } from './delete-assistant.js';
export type { Finish, FinishedRun, RunEnd } from './finish-run.js';
export type { RescuedRun } from './rescue-runs.js';
export type { RunHistoryEntry } from './sql/history.sql.js';
export type { Dispatch } from './dispatch.js';
export { RunStore, type RunStoreOptions } from './run-store.js';
export { toStorableJson } from './storable-json.js';
export type { RunStatusRow } from './sql/find-run.sql.js';
