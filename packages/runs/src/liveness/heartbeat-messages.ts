/**
 * What the main thread and the heartbeat thread of a worker say to each other.
 */
import type pg from 'pg';

/** Given to the thread at its start. */
export interface HeartbeatThreadData {
  session: pg.ClientConfig;
  workerId: string;
  graphIds: string[];
  intervalMs: number;
  silentLoopMs: number;
  jobTimeoutMs: number;
  temporaryThreadSeconds: number;
  /** Two float64: when the last confirmed renewal was sent, and when the main loop last turned (ms of the shared monotonic clock). */
  times: SharedArrayBuffer;
}

/** Index into `times`. */
export const CONFIRMED_AT = 0;
export const LOOP_TURNED_AT = 1;

/** A run that Postgres says this worker holds. */
export interface HeldRun {
  runId: string;
  attempt: number;
  cancelled: boolean;
}

export type ToThread = { type: 'state'; state: 'active' | 'draining' } | { type: 'stop' };

export type FromThread =
  | {
      type: 'renewed';
      held: HeldRun[];
      sweeperSeen: boolean;
      /** The row was gone: somebody had judged this worker dead. */
      wasForgotten: boolean;
    }
  | { type: 'stopped' };

/** Milliseconds of a clock that both threads share and nobody can set. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
