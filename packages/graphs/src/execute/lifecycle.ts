/**
 * The stream mode `lifecycle`: one event when a graph inside a graph starts and one when it ends. LangGraph.js has no such
 * mode; it is read off the tasks that every graph of the run streams. Changes with the wire format of the mode.
 */
import type { WireError } from '@longrun/contracts';
import type { StreamChunk } from './stream-chunk.js';

/** Data of the event `lifecycle|<namespace>`. */
export interface LifecycleEvent {
  event: 'started' | 'completed' | 'failed' | 'interrupted';
  namespace: readonly string[];
  /** Id of the tool call that started the graph, if one did. */
  tool_call_id?: string;
  error?: WireError;
}

interface OpenGraph {
  readonly namespace: readonly string[];
  readonly toolCallId: string | undefined;
}

/** A task as it starts, or as it ends. */
interface Task {
  id: string;
  name: string;
  input?: unknown;
  result?: unknown;
  interrupts?: unknown[];
}

/** Modes whose chunks have the namespace of the task that sends them, which need not be that of a graph. */
export const FROM_WITHIN_TASKS: ReadonlySet<string> = new Set(['messages', 'tools', 'custom']);

export class Lifecycle {
  /** Every namespace in which a graph has started: each starts once in an attempt. */
  private readonly known = new Set<string>();
  /** Graphs that have started and not ended, in the order of their starts. */
  private readonly open = new Map<string, OpenGraph>();
  /** Tool calls by the task that makes them: one that was sent a call, or the ones that run in it now. */
  private readonly calls = new Map<string, Set<string>>();
  /** Tasks that ended without a result: that is what an error looks like, too. */
  private readonly doubtful = new Map<string, readonly string[]>();

  /** What a chunk tells before it is passed on. */
  *before([namespace, mode, payload]: StreamChunk): Generator<LifecycleEvent> {
    if (mode === 'tools') this.noteToolCall(namespace, payload);
    if (FROM_WITHIN_TASKS.has(mode)) return;
    for (let depth = 1; depth <= namespace.length; depth += 1) {
      const prefix = namespace.slice(0, depth);
      if (!this.known.has(keyOf(prefix))) yield this.start(prefix);
    }
    if (mode !== 'tasks') return;
    const task = payload as Task;
    if ('result' in task) return;
    // The next step has begun: what ended without a result in the one before had not failed.
    yield* this.settle(namespace);
    const sent = sentToolCall(task.input);
    if (sent !== undefined) this.calls.set(keyOf(childOf(namespace, task)), new Set([sent]));
  }

  /** What it tells after it was passed on. */
  *after([namespace, mode, payload]: StreamChunk): Generator<LifecycleEvent> {
    const task = payload as Task;
    if (mode !== 'tasks' || !('result' in task)) return;
    const child = childOf(namespace, task);
    const isPaused = (task.interrupts ?? []).length > 0;
    if (isPaused) yield* this.end(child, 'interrupted');
    else if (isEmpty(task.result)) this.doubtful.set(keyOf(child), child);
    else yield* this.end(child, 'completed');
  }

  /** The run has come to its end: whoever is still open paused at a breakpoint, unless it had ended. */
  *finish(): Generator<LifecycleEvent> {
    yield* this.settle([]);
    yield* this.end([], 'interrupted');
  }

  /** The run has failed, and every open graph with it. */
  *fail(error: WireError): Generator<LifecycleEvent> {
    yield* this.end([], 'failed', error);
  }

  private *settle(parent: readonly string[]): Generator<LifecycleEvent> {
    for (const [key, child] of this.doubtful) {
      if (!isWithin(child, parent)) continue;
      this.doubtful.delete(key);
      yield* this.end(child, 'completed');
    }
  }

  private start(namespace: readonly string[]): LifecycleEvent {
    const calls = [...(this.calls.get(keyOf(namespace)) ?? [])];
    // Of several calls at once nothing says which one it was.
    const toolCallId = calls.length === 1 ? calls[0] : undefined;
    this.known.add(keyOf(namespace));
    this.open.set(keyOf(namespace), { namespace, toolCallId });
    return { event: 'started', namespace, ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }) };
  }

  /** Ends a graph and those inside it, the innermost first. */
  private *end(
    namespace: readonly string[],
    event: Exclude<LifecycleEvent['event'], 'started'>,
    error?: WireError,
  ): Generator<LifecycleEvent> {
    const ending = [...this.open].filter(([, graph]) => isWithin(graph.namespace, namespace)).reverse();
    for (const [key, graph] of ending) {
      this.open.delete(key);
      yield {
        event,
        namespace: graph.namespace,
        ...(graph.toolCallId === undefined ? {} : { tool_call_id: graph.toolCallId }),
        ...(error === undefined ? {} : { error }),
      };
    }
  }

  private noteToolCall(namespace: readonly string[], payload: unknown): void {
    const { event, toolCallId } = payload as { event: string; toolCallId?: string };
    if (toolCallId === undefined) return;
    const key = keyOf(namespace);
    const calls = this.calls.get(key) ?? new Set();
    if (event === 'on_tool_start') this.calls.set(key, calls.add(toolCallId));
    else if (event !== 'on_tool_event') calls.delete(toolCallId);
  }
}

function keyOf(namespace: readonly string[]): string {
  return namespace.join('|');
}

function childOf(namespace: readonly string[], task: Task): readonly string[] {
  return [...namespace, `${task.name}:${task.id}`];
}

function isWithin(namespace: readonly string[], outer: readonly string[]): boolean {
  return outer.every((segment, depth) => namespace[depth] === segment);
}

function isEmpty(result: unknown): boolean {
  return typeof result === 'object' && result !== null && Object.keys(result).length === 0;
}

/** A task that was sent one tool call has it in its input. */
function sentToolCall(input: unknown): string | undefined {
  const call =
    typeof input === 'object' && input !== null && 'tool_call' in input ? input.tool_call : undefined;
  const id = typeof call === 'object' && call !== null && 'id' in call ? call.id : undefined;
  return typeof id === 'string' ? id : undefined;
}
