/**
 * LangGraph's stream chunks as wire events: which modes to ask LangGraph for, names with namespaces, payloads without
 * internals. Changes with the wire format of the stream modes.
 */
import type { RunEvent, StreamMode } from '@longrun/contracts';
import { toWireJson } from '../wire/serialise.js';
import { toWireError } from '../wire/wire-error.js';
import { checkpointOfConfig, publicConfig, taskOnWire } from '../wire/checkpoint-wire.js';
import { LegacyMessages } from './legacy-messages.js';
import { FROM_WITHIN_TASKS, Lifecycle, type LifecycleEvent } from './lifecycle.js';
import type { StreamChunk } from './stream-chunk.js';
import { toolEventOnWire } from './tool-events.js';

/** Modes that LangGraph does not know by these names. */
const OWN_MODES: ReadonlySet<StreamMode> = new Set(['events', 'messages-tuple', 'lifecycle']);

export class StreamTranslator {
  /** Modes to ask LangGraph for. */
  readonly libraryModes: string[];
  /** Whether to ask it for subgraphs. */
  readonly librarySubgraphs: boolean;
  private readonly modes: ReadonlySet<StreamMode>;
  private readonly interruptsAsValues: boolean;
  private readonly legacy = new LegacyMessages();
  private readonly lifecycle: Lifecycle | undefined;

  /** @param subgraphs whether the events of subgraphs are wanted, under names with their namespaces */
  constructor(
    modes: readonly StreamMode[],
    private readonly subgraphs: boolean,
  ) {
    this.modes = new Set(modes);
    this.lifecycle = this.modes.has('lifecycle') ? new Lifecycle() : undefined;
    this.librarySubgraphs = subgraphs || this.lifecycle !== undefined;
    // Clients learn of a question whatever they asked for: as `values` if they asked for neither mode that tells it.
    this.interruptsAsValues = !this.modes.has('values') && !this.modes.has('updates');
    const library = new Set<string>(modes.filter((mode) => !OWN_MODES.has(mode)));
    if (this.modes.has('messages-tuple')) library.add('messages');
    if (this.modes.has('messages')) library.add('values');
    if (this.interruptsAsValues) library.add('updates');
    for (const mode of this.lifecycle === undefined ? [] : ['tasks', 'tools']) library.add(mode);
    this.libraryModes = [...library];
  }

  /** The events of one chunk: none, one, or for some modes several. */
  *translate(chunk: StreamChunk): Generator<RunEvent> {
    if (this.lifecycle) yield* lifecycleEvents(this.lifecycle.before(chunk));
    const visible = this.visible(chunk);
    if (visible !== undefined) yield* this.eventsOf(visible);
    if (this.lifecycle) yield* lifecycleEvents(this.lifecycle.after(chunk));
  }

  /** What remains to be told when the graph has come to its end. */
  *finish(): Generator<RunEvent> {
    if (this.lifecycle) yield* lifecycleEvents(this.lifecycle.finish());
  }

  /** What remains to be told when it has failed. */
  *fail(error: unknown): Generator<RunEvent> {
    if (this.lifecycle) yield* lifecycleEvents(this.lifecycle.fail(toWireError(error)));
  }

  /** As LangGraph would have sent it if only what the client wants had been asked for. */
  private visible(chunk: StreamChunk): StreamChunk | undefined {
    const [namespace, mode, payload] = chunk;
    if (this.subgraphs || namespace.length === 0) return chunk;
    // What tasks send themselves LangGraph sends from any depth, without the namespace.
    return FROM_WITHIN_TASKS.has(mode) ? [[], mode, payload] : undefined;
  }

  private *eventsOf([namespace, mode, payload]: StreamChunk): Generator<RunEvent> {
    if (mode === 'messages') yield* this.messages(namespace, payload);
    else if (mode === 'values' && this.modes.has('messages')) yield* this.legacy.ofState(payload);
    if (mode === 'updates' && this.interruptsAsValues && hasInterrupts(payload)) {
      yield event('values', namespace, payload);
    }
    if (mode === 'messages' || !this.modes.has(mode as StreamMode)) return;
    if (mode === 'debug') yield event(mode, namespace, debugPayload(payload));
    else if (mode === 'tasks') yield event(mode, namespace, taskOnWire(payload));
    // As for messages: the task that calls the tool is the last part of the namespace.
    else if (mode === 'tools') yield event(mode, namespace.slice(0, -1), toolEventOnWire(payload));
    else if (mode !== 'checkpoints') yield event(mode, namespace, payload);
    else if (isFullCheckpoint(payload)) {
      yield event(mode, namespace, {
        values: payload.values,
        metadata: payload.metadata,
        next: payload.next,
      });
    }
  }

  private *messages(namespace: readonly string[], payload: unknown): Generator<RunEvent> {
    // LangGraph adds the task that sends the message to the namespace; a message of a root node belongs to the root.
    if (this.modes.has('messages-tuple')) yield event('messages', namespace.slice(0, -1), payload);
    if (this.modes.has('messages')) yield* this.legacy.ofMessage(payload);
  }
}

function event(mode: string, namespace: readonly string[], payload: unknown): RunEvent {
  return { event: [mode, ...namespace].join('|'), data: toWireJson(payload) };
}

function* lifecycleEvents(events: Iterable<LifecycleEvent>): Generator<RunEvent> {
  for (const data of events) yield event('lifecycle', data.namespace, data);
}

function hasInterrupts(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null || !('__interrupt__' in payload)) return false;
  return Array.isArray(payload.__interrupt__) && payload.__interrupt__.length > 0;
}

interface FullCheckpoint {
  config?: unknown;
  parentConfig?: unknown;
  values: unknown;
  metadata: unknown;
  next: unknown;
  tasks?: unknown[];
}

/** LangGraph also sends short notes of checkpoints, beside `values`, in the same mode. */
function isFullCheckpoint(payload: unknown): payload is FullCheckpoint {
  return typeof payload === 'object' && payload !== null && 'values' in payload;
}

function debugPayload(chunk: unknown): unknown {
  if (typeof chunk !== 'object' || chunk === null || !('type' in chunk) || !('payload' in chunk))
    return chunk;
  if (chunk.type === 'task_result') return { ...chunk, payload: taskOnWire(chunk.payload) };
  if (chunk.type !== 'checkpoint' || !isFullCheckpoint(chunk.payload)) return chunk;
  const { parentConfig, ...payload } = chunk.payload;
  return {
    ...chunk,
    payload: {
      ...payload,
      config: publicConfig(payload.config),
      parent_config: publicConfig(parentConfig),
      tasks: (payload.tasks ?? []).map(taskOnWire),
      checkpoint: checkpointOfConfig(payload.config),
      parent_checkpoint: checkpointOfConfig(parentConfig),
    },
  };
}
