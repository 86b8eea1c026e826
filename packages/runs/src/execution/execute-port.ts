/**
 * What execution needs of a graph engine. `@longrun/graphs` provides it; this package knows nothing of LangGraph.
 */
import type { RunEvent, WireError } from '@longrun/contracts';
import type { ClaimedRun } from '../run-store/claim-run.js';
import type { RunEnd } from '../run-store/finish-run.js';

export interface ExecutedRun {
  status: 'success' | 'error';
  error?: WireError;
  thread: NonNullable<RunEnd['thread']>;
}

export interface ExecuteArguments {
  run: ClaimedRun;
  signal: AbortSignal;
  /** Awaited before every write of a checkpoint or a store item. */
  beforeWrite: () => Promise<void>;
  /** After the commit of each root checkpoint. */
  onCheckpoint: () => void;
}

export interface GraphEngine {
  /** Ids of the graphs it has. */
  readonly graphIds: readonly string[];
  /** One attempt: yields events, returns how the graph ended. Throws `signal.reason` when that aborts, RUN_FENCED when refused. */
  execute(args: ExecuteArguments): AsyncGenerator<RunEvent, ExecutedRun>;
  /** The thread as its newest checkpoint shows it, for runs that end without their graph; null when it has none. */
  readThread(run: ClaimedRun): Promise<RunEnd['thread'] | null>;
}
