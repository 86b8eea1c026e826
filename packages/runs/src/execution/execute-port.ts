/**
 * What execution needs of a graph engine. `@longrun/graphs` provides it; this package knows nothing of LangGraph.
 */
import type { RunEvent, UnwrittenCheckpoints, WireError } from '@longrun/contracts';
import type { ClaimedRun } from '../run-store/claim-run.js';
import type { RunEnd } from '../run-store/finish-run.js';

export interface ExecutedRun {
  status: 'success' | 'error';
  error?: WireError;
  thread: NonNullable<RunEnd['thread']>;
  /** The last checkpoints, if nobody has begun to write them: to be written before the run counts as ended, or with its end. */
  unwritten?: UnwrittenCheckpoints;
}

export interface ExecuteArguments {
  run: ClaimedRun;
  signal: AbortSignal;
  /** Awaited before every write of a checkpoint or a store item. */
  beforeWrite: () => Promise<void>;
  /** After the commit of each root checkpoint that a node of the graph led to. */
  onProgress: () => void;
  /** How long an end from outside may wait for what the graph has done by then. */
  cancelGraceMs: number;
}

/** The process that executed the graph is dead, and this worker is not. Worth a crash of the run. */
export class GraphProcessDied extends Error {
  override readonly name = 'GraphProcessDied';

  /** @param how its exit code or signal, as for a log */
  constructor(readonly how: string) {
    super(`The process of the graph ended (${how}).`);
  }
}

export interface GraphEngine {
  /** Ids of the graphs it has. */
  readonly graphIds: readonly string[];
  /**
   * One attempt: yields events, returns how the graph ended. When the signal aborts, it leaves its graph where it is, and commits what that
   * has done by then if that takes no longer than `cancelGraceMs`.
   *
   * @throws `signal.reason` when that aborts, LongrunError RUN_FENCED when a write was refused, {@link GraphProcessDied}
   */
  execute(args: ExecuteArguments): AsyncGenerator<RunEvent, ExecutedRun>;
  /** The thread as its newest checkpoint shows it, for runs that end without their graph; null when it has none. */
  readThread(run: ClaimedRun): Promise<RunEnd['thread'] | null>;
  /** Ends what it still has going. Called when no attempt is left. */
  close(): Promise<void>;
}
