/**
 * Events of a run: what the graph produces, and the record that ends every log.
 */
import type { TerminalRunStatus } from './run-status.js';

/** An event before it is numbered. */
export interface RunEvent {
  /** Name on the wire: a mode, `metadata`, `error`, or a mode with a subgraph's namespace (`updates|sub:<id>`). */
  readonly event: string;
  /** One line of JSON, serialised once, in the worker. Never parsed again on its way to the client. */
  readonly data: string;
}

/** An event with its number in the log of its run: 0, 1, 2, … without a gap. */
export interface NumberedRunEvent extends RunEvent {
  readonly seq: number;
}

/** Name of the one record that ends a log. Sent to clients only when they opted in to it. */
export const END_EVENT = 'end';

/** First event of every attempt. */
export const METADATA_EVENT = 'metadata';

/** Tells the clients of a run why it failed; stands before the end record. */
export const ERROR_EVENT = 'error';

/** Data of the end record. */
export interface EndEventData {
  run_id: string;
  status: TerminalRunStatus | 'rollback';
  /** Of a run that ended with questions or at a breakpoint, so that its thread waits. */
  thread_status?: 'interrupted';
}

/** Data of `metadata`. Existing clients expect exactly these two keys. */
export interface MetadataEventData {
  run_id: string;
  attempt: number;
}

/** True for an event called `mode`, with or without a subgraph's namespace behind it. */
export function isEventOfMode(event: string, mode: string): boolean {
  return event === mode || event.startsWith(`${mode}|`);
}
