/**
 * One attempt of a run as a stream of wire events: hop four of six. The worker (`apps/worker/src/run.processor`) calls
 * it, and hands its events to the log (`packages/runs/src/run-event-log`). Knows nothing of queues, Redis or HTTP.
 */
import { RunControl } from '@langchain/langgraph';
import type { JsonObject, RunEvent, RunKwargs, UnwrittenCheckpoints, WireError } from '@longrun/contracts';
import { CANCEL_GRACE_MS, isLongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { AttemptWriter, GATHER_TURNS } from '../checkpoint/attempt-writer.js';
import type { Fence } from '../checkpoint/fenced-transaction.js';
import { FencedSaver, type FencedSaverOptions } from '../checkpoint/fenced-saver.js';
import { bindGraph, type CompiledGraph, type GraphRegistry } from '../registry/graph-registry.js';
import { restingThread, type RestingThread } from '../state/resting-thread.js';
import { FencedStore } from '../store/fenced-store.js';
import { toWireJson } from '../wire/serialise.js';
import { toWireError } from '../wire/wire-error.js';
import { AttemptContext, inAttempt } from './attempt-context.js';
import { AttemptEnd } from './attempt-end.js';
import { planAttempt, type AttemptPlan } from './attempt-plan.js';
import { nodeSpans } from './node-spans.js';
import { configurableOf, selectorOf, streamOptions } from './run-options.js';
import { modesOutput, protocolOutput, type AttemptOutput } from './attempt-output.js';
import { ProtocolRecorder } from './protocol-recorder.js';
import { UnknownInterruptError } from './strict-resume.js';

export interface AttemptInput {
  registry: GraphRegistry;
  graphId: string;
  assistantId: string;
  runId: string;
  threadId: string;
  /** Number of this attempt, from 1. */
  attempt: number;
  kwargs: RunKwargs;
  /** Metadata of the run. */
  metadata: JsonObject;
  /** Newest root checkpoint of the thread when the run was first claimed; null when it had none. */
  baseCheckpointId: string | null;
  pool: pg.Pool;
  /** Runs inside each write's transaction right after BEGIN; throws LongrunError RUN_FENCED. */
  fence: Fence;
  signal: AbortSignal;
  /** How long an abort of the signal may wait for the checkpoints that the graph has handed in. Default 500 ms. */
  cancelGraceMs?: number | undefined;
  /** Awaited before each write's transaction. Default: no wait. */
  beforeWrite?: (() => Promise<void>) | undefined;
  /** Called after the commit of each root checkpoint that a node of the graph led to in this attempt. */
  onProgress?: (() => void) | undefined;
  /** Asked between two steps: when true, the attempt stops there, with nothing half done, and can be gone on with. */
  shouldDrain?: (() => boolean) | undefined;
  /** The caller writes {@link AttemptOutcome.unwritten} with the end of the run. Default: everything is written here. */
  leavesUnwritten?: boolean | undefined;
}

/** The attempt stopped between two steps, as it was asked to: the run goes on from its checkpoint. */
export class AttemptDrained extends Error {
  override readonly name = 'AttemptDrained';
}

export interface AttemptOutcome {
  status: 'success' | 'error';
  /** The failure as clients see it. */
  error?: WireError;
  /** The failure as it was thrown. */
  cause?: unknown;
  thread: RestingThread;
  /** The last checkpoints, if nobody has begun to write them. */
  unwritten?: UnwrittenCheckpoints;
}

/**
 * Executes one attempt. Yields every event but `metadata`; on a failure of the graph the `error` event is last.
 * Abandoning the iteration aborts the graph.
 *
 * @throws the reason of `signal` when it aborts, without waiting for the graph's own code, but with its checkpoints committed if that
 * takes no longer than `cancelGraceMs`; LongrunError RUN_FENCED as soon as a write of the attempt was refused; AttemptDrained when `shouldDrain` said so
 */
export async function* executeAttempt(input: AttemptInput): AsyncGenerator<RunEvent, AttemptOutcome> {
  const end = new AttemptEnd(input.signal);
  const context = new AttemptContext(input.runId, input.attempt, (error) => end.fail(error));
  let registry = input.registry;
  try {
    const graph = await end.race(() => inAttempt(context, () => resolveGraph(input)));
    // A factory is called once per attempt.
    registry = { ...registry, resolve: async () => graph };
    return { status: 'success', ...(yield* graphEvents({ ...input, registry }, end, context)) };
  } catch (thrown) {
    // What ended the attempt first is its reason; what the graph threw afterwards is a consequence.
    const error = end.reason(thrown);
    if (isTakenAway(input, error)) throw error;
    if (isDrained(input, error)) throw new AttemptDrained();
    const wireError = toWireError(error);
    yield { event: 'error', data: toWireJson(wireError) };
    return {
      status: 'error',
      error: wireError,
      cause: error,
      // A refused answer leaves the thread as it was.
      thread: await readThread(
        { ...input, registry },
        error instanceof UnknownInterruptError ? 'success' : 'error',
      ),
    };
  } finally {
    context.close();
    end.close();
  }
}

/** @returns the thread as the graph has left it, all of which is committed but what is given back as unwritten */
async function* graphEvents(
  input: AttemptInput,
  end: AttemptEnd,
  context: AttemptContext,
): AsyncGenerator<RunEvent, Pick<AttemptOutcome, 'thread' | 'unwritten'>> {
  const { registry, graphId, kwargs, pool, fence, beforeWrite, runId, threadId, attempt } = input;
  const { signal } = end;
  const shared = await resolveGraph(input);
  const author = { runId, attempt };
  // With `sync` a step waits for the checkpoint of the one before.
  const runsAhead = kwargs.durability !== 'sync';
  const gatherTurns = runsAhead ? GATHER_TURNS : 0;
  const writer = new AttemptWriter({ pool, fence, author, signal, gatherTurns, beforeWrite });
  const saver = new FencedSaver({
    pool,
    signal,
    writer,
    runsAhead,
    author,
    pinnedRoot: rootSelected(kwargs) ?? baseOf(input),
    onFailure: (error) => end.fail(error),
    onProgress: input.onProgress,
  });
  const store = new FencedStore({
    pool,
    settings: registry.store,
    fence,
    signal,
    beforeWrite,
    onFenced: (error) => end.fail(error),
  });
  const graph = bindGraph(shared, saver, store);
  const sourceFile = registry.graphs.get(graphId)?.sourceFile;
  try {
    const plan = await end.race(() => planAttempt({ ...input, graph, saver, signal, sourceFile }));
    if (plan.kind === 'stopped') yield* snapshot(graph, threadId, kwargs);
    else yield* streamGraph({ input, end, context, graph, store, plan });
    const newestRoot = saver.newestRoot.row(threadId, runId);
    // What this attempt has written it can show while it is being committed.
    const thread = newestRoot && readThread(input, 'success', () => newestRoot);
    const unwritten = thread && input.leavesUnwritten ? writer.takeUnwritten() : null;
    await end.race(() => Promise.all([writer.flush(), thread]));
    end.throwIfFailed();
    return { thread: await (thread ?? readThread(input, 'success')), ...(unwritten ? { unwritten } : {}) };
  } catch (error) {
    // Also what a graph has written before it failed, stopped or was stopped belongs to the state that is read next.
    if (isTakenAway(input, end.reason(error))) await writer.close(input.cancelGraceMs ?? CANCEL_GRACE_MS);
    else await end.race(() => writer.flush());
    throw error;
  } finally {
    // Of an attempt that was abandoned nothing more is written.
    writer.stop();
  }
}

/** True when the attempt was ended from outside: it has nothing more to say. */
function isTakenAway(input: AttemptInput, error: unknown): boolean {
  return input.signal.aborted || isLongrunError(error, 'RUN_FENCED');
}

/** True when the graph stopped between two steps because it was asked to. */
function isDrained({ shouldDrain }: AttemptInput, error: unknown): boolean {
  // By name: the graph may bring its own copy of LangGraph.
  return shouldDrain?.() === true && error instanceof Error && error.name === 'GraphDrained';
}

function resolveGraph({ registry, graphId, kwargs, ...identity }: AttemptInput): Promise<CompiledGraph> {
  const configurable = configurableOf({ ...identity, graphId }, kwargs);
  return registry.resolve(graphId, { ...kwargs.config, configurable });
}

interface GraphStart {
  input: AttemptInput;
  end: AttemptEnd;
  context: AttemptContext;
  graph: CompiledGraph;
  store: FencedStore;
  plan: Extract<AttemptPlan, { kind: 'run' }>;
}

function streamGraph(start: GraphStart): AsyncGenerator<RunEvent> {
  const { kwargs, runId } = start.input;
  return kwargs.protocol
    ? streamInto(protocolOutput(kwargs, start.input.attempt), start)
    : streamInto(modesOutput(kwargs, runId), start);
}

async function* streamInto<Item>(
  output: AttemptOutput<Item>,
  { input, end, context, graph, store, plan }: GraphStart,
): AsyncGenerator<RunEvent> {
  const spans = nodeSpans();
  const options = streamOptions(input, input.kwargs, {
    configurable: plan.configurable,
    store,
    signal: end.signal,
    ...output.options,
    control: drainControl(input),
    callbacks: spans && [spans],
  });
  const items = output.open({ graph, input: plan.input, options });
  try {
    yield* output.begin();
    for (;;) {
      const item = await end.race(() => inAttempt(context, () => items.next()));
      if (item.done) {
        yield* output.finish();
        return;
      }
      yield* output.translate(item.value);
    }
  } catch (thrown) {
    const error = end.reason(thrown);
    if (!isTakenAway(input, error) && !isDrained(input, error)) yield* output.fail(error);
    throw thrown;
  } finally {
    // Not awaited: it waits for code of the graph, which may never come back.
    void Promise.resolve(items.return(undefined)).catch(() => undefined);
    spans?.close();
  }
}

/** What LangGraph calls a `RunControl`; libraries older than 1.4 do not look at it and go on to their end. */
function drainControl({ shouldDrain }: AttemptInput): RunControl | undefined {
  if (shouldDrain === undefined) return undefined;
  const control = new RunControl();
  Object.defineProperty(control, 'drainRequested', { get: shouldDrain });
  return control;
}

/** What a client that asked for values would have seen last. */
async function* snapshot(
  graph: CompiledGraph,
  threadId: string,
  kwargs: RunKwargs,
): AsyncGenerator<RunEvent> {
  if (!kwargs.protocol && !kwargs.stream_mode.includes('values')) return;
  const state = await graph.getState({ configurable: { thread_id: threadId } });
  const interrupts = state.tasks.flatMap((task) => task.interrupts);
  if (kwargs.protocol) {
    yield* new ProtocolRecorder().snapshot(state.values, interrupts);
    return;
  }
  yield { event: 'values', data: toWireJson(state.values) };
  if (state.tasks.length > 0) yield { event: 'values', data: toWireJson({ __interrupt__: interrupts }) };
}

function rootSelected(kwargs: RunKwargs): string | undefined {
  const { checkpoint_id, checkpoint_ns, checkpoint_map } = selectorOf(kwargs);
  const root = checkpoint_ns ? checkpoint_map?.[''] : checkpoint_id;
  return typeof root === 'string' ? root : undefined;
}

/** Where the thread stood. A later attempt of a run that began on an empty thread looks for what the one before has written. */
function baseOf({ attempt, baseCheckpointId }: AttemptInput): string | null | undefined {
  return attempt === 1 ? baseCheckpointId : (baseCheckpointId ?? undefined);
}

function readThread(
  input: AttemptInput,
  status: 'success' | 'error',
  newestRoot?: FencedSaverOptions['newestRoot'],
): Promise<RestingThread> {
  const { registry, graphId, pool, threadId, signal } = input;
  return restingThread({ registry, graphId, pool, threadId, signal, status, newestRoot });
}
