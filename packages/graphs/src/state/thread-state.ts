/**
 * Reading and editing the state of a thread outside of runs, as clients see it.
 */
import type { CheckpointSelector, JsonObject, RunCommand, ThreadState, ThreadTask } from '@longrun/contracts';
import type { StateSnapshot } from '@langchain/langgraph';
import type pg from 'pg';
import { AttemptWriter } from '../checkpoint/attempt-writer.js';
import type { Fence } from '../checkpoint/fenced-transaction.js';
import { FencedSaver, type FencedSaverOptions } from '../checkpoint/fenced-saver.js';
import { toCommand } from '../execute/command.js';
import { bindGraph, type CompiledGraph, type GraphRegistry } from '../registry/graph-registry.js';
import { openStore } from '../store/fenced-store.js';
import { checkpointOfConfig, taskCheckpoint } from '../wire/checkpoint-wire.js';
import { toWireValue } from '../wire/serialise.js';
import { toWireError } from '../wire/wire-error.js';

export interface ThreadStateRequest {
  registry: GraphRegistry;
  pool: pg.Pool;
  threadId: string;
  graphId: string;
  /** Default: the newest checkpoint of the root graph. */
  checkpoint?: CheckpointSelector | undefined;
  /** What a factory of the graph is called with. Default: the thread only. */
  config?: { configurable?: Record<string, unknown> } | undefined;
  /** The newest root checkpoint, if the caller knows it. Default: it is read. */
  newestRoot?: FencedSaverOptions['newestRoot'];
  /** Bounds the wait for Postgres. Default: 10 s. */
  signal?: AbortSignal | undefined;
}

/** How long a reader waits for Postgres. */
const READ_LIMIT_MS = 10_000;

/**
 * The state of a thread.
 *
 * @returns null when the thread has no such checkpoint
 * @throws LongrunError GRAPH_NOT_FOUND or GRAPH_LOAD_FAILED
 */
export async function readThreadState(
  request: ThreadStateRequest & { subgraphs?: boolean | undefined },
): Promise<ThreadState | null> {
  const { graph } = await openThread(request);
  const snapshot = await graph.getState(configOf(request), { subgraphs: request.subgraphs ?? false });
  // Of a checkpoint that does not exist LangGraph makes an empty state without a time.
  return snapshot.createdAt === undefined ? null : threadStateOf(snapshot);
}

/** The states of a thread, newest first, by the order in which they were committed. */
export async function readThreadHistory(
  request: ThreadStateRequest & {
    /** Most states to return. */
    limit: number;
    /** Id of a checkpoint: only older ones are returned. */
    before?: string | undefined;
    /** Key and value pairs that the checkpoints' metadata must have. */
    metadata?: JsonObject | undefined;
  },
): Promise<ThreadState[]> {
  const { graph } = await openThread(request);
  const { limit, before, metadata } = request;
  const options = {
    limit,
    ...(before === undefined ? {} : { before: { configurable: { checkpoint_id: before } } }),
    ...(metadata === undefined ? {} : { filter: metadata }),
  };
  const states: ThreadState[] = [];
  for await (const snapshot of graph.getStateHistory(configOf(request), options))
    states.push(threadStateOf(snapshot));
  return states;
}

/**
 * Writes to the state of a thread as if a node had: the new checkpoint belongs to no run.
 *
 * @returns the reference of the new checkpoint
 * @throws what LangGraph throws for an update that it cannot attribute to a node
 */
export async function updateThreadState(
  request: ThreadStateRequest & {
    values: unknown;
    asNode?: string | undefined;
    /** Runs at the start of each transaction. Default: nothing. */
    fence?: Fence | undefined;
  },
): Promise<{ checkpoint: ReturnType<typeof checkpointOfConfig> }> {
  const { graph } = await openThread(request, request.fence ?? (async () => undefined));
  const values = request.values;
  const config = await graph.updateState(configOf(request), values, request.asNode);
  return { checkpoint: checkpointOfConfig(config) };
}

/** One write of a superstep, as if a node had made it. */
export interface SuperstepUpdate {
  values?: unknown;
  command?: RunCommand | null | undefined;
  asNode: string;
}

/**
 * Gives a thread a state that was made elsewhere: steps in order, the updates of each at once.
 *
 * @throws what LangGraph throws for an update that it cannot take; the steps before it stand
 */
export async function applySupersteps(
  request: ThreadStateRequest & {
    supersteps: readonly (readonly SuperstepUpdate[])[];
    fence?: Fence | undefined;
  },
): Promise<void> {
  const { graph } = await openThread(request, request.fence ?? (async () => undefined));
  const { registry, graphId } = request;
  const sourceFile = registry.graphs.get(graphId)?.sourceFile;
  const supersteps = await Promise.all(
    request.supersteps.map(async (updates) => ({
      updates: await Promise.all(
        updates.map(async ({ values, command, asNode }) => ({
          asNode,
          values: command ? await toCommand(command, graph, sourceFile) : values,
        })),
      ),
    })),
  );
  await graph.bulkUpdateState(configOf(request), supersteps);
}

async function openThread(request: ThreadStateRequest, fence?: Fence): Promise<{ graph: CompiledGraph }> {
  const { registry, pool, threadId, graphId, config, newestRoot } = request;
  const signal = request.signal ?? AbortSignal.timeout(READ_LIMIT_MS);
  const writer = fence === undefined ? undefined : new AttemptWriter({ pool, fence, author: null, signal });
  const saver = new FencedSaver({ pool, signal, writer, author: null, exposeRun: true, newestRoot });
  const shared = await registry.resolve(graphId, {
    ...config,
    configurable: { ...config?.configurable, thread_id: threadId, graph_id: graphId },
  });
  return { graph: bindGraph(shared, saver, openStore(pool, registry.store)) };
}

function configOf({ threadId, checkpoint }: ThreadStateRequest): { configurable: Record<string, unknown> } {
  const { checkpoint_id, checkpoint_ns, checkpoint_map } = checkpoint ?? {};
  return {
    configurable: {
      thread_id: threadId,
      checkpoint_ns: checkpoint_ns ?? '',
      ...(checkpoint_id ? { checkpoint_id } : {}),
      ...(checkpoint_map ? { checkpoint_map } : {}),
    },
  };
}

/** A snapshot of LangGraph on the wire. */
function threadStateOf(snapshot: StateSnapshot): ThreadState {
  const tasks = snapshot.tasks.map(threadTaskOf);
  return {
    values: toWireValue(snapshot.values),
    next: openNodes(snapshot),
    tasks,
    metadata: toWireValue(snapshot.metadata ?? null) as JsonObject | null,
    created_at: snapshot.createdAt ?? null,
    checkpoint: checkpointOfConfig(snapshot.config),
    parent_checkpoint: checkpointOfConfig(snapshot.parentConfig),
    interrupts: tasks.flatMap((task) => task.interrupts),
  };
}

/** The nodes still to be executed. LangGraph forgets a task that holds an answer and waits for another one. */
function openNodes(snapshot: StateSnapshot): string[] {
  const waiting = snapshot.tasks.filter((task) => task.interrupts.length > 0).map((task) => task.name);
  return [...snapshot.next, ...waiting.filter((name) => !snapshot.next.includes(name))];
}

function threadTaskOf(task: StateSnapshot['tasks'][number]): ThreadTask {
  const state = task.state as unknown;
  const isSnapshot = typeof state === 'object' && state !== null && 'values' in state && 'next' in state;
  const path = (task as { path?: unknown }).path;
  return {
    id: task.id,
    name: task.name,
    path: toWireValue(path ?? null),
    error: task.error === undefined || task.error === null ? null : toWireError(task.error).message,
    interrupts: toWireValue(task.interrupts) as ThreadTask['interrupts'],
    checkpoint: (isSnapshot ? null : taskCheckpoint(state)) as ThreadTask['checkpoint'],
    state: isSnapshot ? threadStateOf(state as StateSnapshot) : null,
    result: toWireValue((task as { result?: unknown }).result ?? null),
  };
}
