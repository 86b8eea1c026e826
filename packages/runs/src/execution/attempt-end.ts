/**
 * Why an attempt ends before its graph does. Each is the reason of an abort and decides what becomes of the run.
 */
export type AttemptEndKind =
  /** A user cancelled the run: finish(interrupted). */
  | 'cancelled'
  /** The process stops: release, nothing charged. */
  | 'released'
  /** JOB_TIMEOUT_SECONDS passed: finish(timeout). */
  | 'timed-out'
  /** The graph failed outside its own flow (an unhandled rejection): finish(error). */
  | 'failed'
  /** The graph killed the process of its own that it ran in: as a rescue, `crashes + 1` or finish(error). */
  | 'crashed'
  /** The run is somebody else's: write nothing. */
  | 'fenced'
  /** Liveness is unconfirmed for too long: write nothing, the run is or will be rescued. */
  | 'given-up';

export class AttemptEnd extends Error {
  readonly kind: AttemptEndKind;

  constructor(kind: AttemptEndKind, cause?: unknown) {
    super(`The attempt was ${kind}.`, cause === undefined ? undefined : { cause });
    this.name = 'AttemptEnd';
    this.kind = kind;
  }
}
