/**
 * LangGraph's stream chunks as wire events: which modes to ask LangGraph for, names with namespaces, payloads without
 * internals. Changes with the wire format of the stream modes.
 */
import type { RunEvent, StreamMode } from '@longrun/contracts';
import { toWireJson } from '../wire/serialise.js';
import { checkpointOfConfig, publicConfig, taskOnWire } from '../wire/checkpoint-wire.js';
import { LegacyMessages } from './legacy-messages.js';

/** A chunk of LangGraph: namespace of the graph that sent it, mode, payload. */
export type StreamChunk = readonly [namespace: readonly string[], mode: string, payload: unknown];

export class StreamTranslator {
  /** Modes to ask LangGraph for. */
  readonly libraryModes: string[];
  private readonly modes: ReadonlySet<StreamMode>;
  private readonly interruptsAsValues: boolean;
  private readonly legacy = new LegacyMessages();

  constructor(modes: readonly StreamMode[]) {
    this.modes = new Set(modes);
    // Clients learn of a question whatever they asked for: as `values` if they asked for neither mode that tells it.
    this.interruptsAsValues = !this.modes.has('values') && !this.modes.has('updates');
    const library = new Set<string>(modes.filter((mode) => mode !== 'events' && mode !== 'messages-tuple'));
    if (this.modes.has('messages-tuple')) library.add('messages');
    if (this.modes.has('messages')) library.add('values');
    if (this.interruptsAsValues) library.add('updates');
    this.libraryModes = [...library];
  }

  /** The events of one chunk: none, one, or for messages of the legacy mode several. */
  *translate([namespace, mode, payload]: StreamChunk): Generator<RunEvent> {
    if (mode === 'messages') yield* this.messages(namespace, payload);
    else if (mode === 'values' && this.modes.has('messages')) yield* this.legacy.ofState(payload);
    if (mode === 'updates' && this.interruptsAsValues && hasInterrupts(payload)) {
      yield event('values', namespace, payload);
    }
    if (mode === 'messages' || !this.modes.has(mode as StreamMode)) return;
    if (mode === 'debug') yield event(mode, namespace, debugPayload(payload));
    else if (mode === 'tasks') yield event(mode, namespace, taskOnWire(payload));
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
