/**
 * The control plane: what an api asks of one worker, over that worker's channel. Every request is only a fast path:
 * a cancel is in Postgres before it is sent, and the worker's heartbeat finds it there too.
 */

/** Patterns of the Nest microservice in the worker. */
export const WORKER_CONTROL = {
  /** Event: look at the cancel mark of a run now. Payload {@link CancelRunMessage}. */
  cancelRun: 'run.cancel',
  /** Event: stop claiming and drain, as on SIGTERM. No payload. */
  drain: 'worker.drain',
  /** Request: what the worker is doing. Answer {@link WorkerStatus}. */
  status: 'worker.status',
} as const;

export interface CancelRunMessage {
  runId: string;
  attempt: number;
}

export interface WorkerStatus {
  workerId: string;
  state: 'active' | 'draining';
  runs: { runId: string; attempt: number }[];
}

/** Envelope of a control message; with `replyTo` an answer is expected on that channel. */
export interface ControlMessage {
  pattern: string;
  data: unknown;
  id?: string;
  replyTo?: string;
}

/** Envelope of an answer. */
export interface ControlReply {
  id: string;
  data: unknown;
}
