/**
 * Gives `@longrun/runs` the graphs: one attempt of a run, fenced, and the state of its thread.
 */
import { LongrunError, type RunEvent } from '@longrun/contracts';
import {
  executeAttempt,
  readThreadState,
  type AttemptInput,
  type Fence,
  type GraphRegistry,
} from '@longrun/graphs';
import type { ClaimedRun, ExecuteArguments, ExecutedRun, GraphEngine, RunEnd } from '@longrun/runs';
import { fenceStatement } from '@longrun/runs/fence';
import type pg from 'pg';

export class LangGraphEngine implements GraphEngine {
  readonly #registry: GraphRegistry;
  readonly #pool: pg.Pool;

  constructor(registry: GraphRegistry, pool: pg.Pool) {
    this.#registry = registry;
    this.#pool = pool;
  }

  get graphIds(): readonly string[] {
    return [...this.#registry.graphs.keys()];
  }

  execute(args: ExecuteArguments): AsyncGenerator<RunEvent, ExecutedRun> {
    return this.attempt(args, { leavesUnwritten: true });
  }

  /** As `execute`; between two steps it throws AttemptDrained when `shouldDrain` says so, and it leaves nothing unwritten unless told to. */
  attempt(
    args: ExecuteArguments,
    own: Pick<AttemptInput, 'shouldDrain' | 'leavesUnwritten'>,
  ): AsyncGenerator<RunEvent, ExecutedRun> {
    const { run, signal, beforeWrite, onProgress, cancelGraceMs } = args;
    return executeAttempt({
      registry: this.#registry,
      pool: this.#pool,
      graphId: run.graphId,
      assistantId: run.assistantId,
      runId: run.runId,
      threadId: run.threadId,
      attempt: run.attempt,
      kwargs: run.kwargs,
      metadata: run.metadata,
      baseCheckpointId: run.baseCheckpointId,
      fence: fenceOf(run),
      signal,
      beforeWrite,
      onProgress,
      cancelGraceMs,
      ...own,
    });
  }

  async readThread(run: ClaimedRun): Promise<RunEnd['thread'] | null> {
    const { graphId, threadId } = run;
    const state = await readThreadState({ registry: this.#registry, pool: this.#pool, graphId, threadId });
    if (!state) return null;
    const interrupts = state.tasks.filter((task) => task.interrupts.length > 0);
    return {
      status: 'idle',
      values: state.values,
      interrupts: Object.fromEntries(interrupts.map((task) => [task.id, task.interrupts])),
    };
  }

  async close(): Promise<void> {
    // The pool is its owner's, and an attempt ends by its signal.
  }
}

/** Every write of an attempt outside the log needs the run, in the write's own transaction. */
function fenceOf({ runId, attempt }: ClaimedRun): Fence {
  const { text, values } = fenceStatement(runId, attempt);
  return {
    text,
    values,
    refusal: () =>
      new LongrunError('RUN_FENCED', `Attempt ${attempt} of run ${runId} was taken from this worker.`),
  };
}
