/**
 * Events of protocol v2 as records of the log: one each, with its method and namespace in the record's name. Changes with the form in
 * which the protocol's events are sent.
 *
 * Over what LangGraph makes of its stream: questions become events of the channel `input`, once each and with nothing else of the chunk
 * that tells them; graphs inside the graph get their `lifecycle` from their tasks. The root's own `lifecycle` is not recorded: it is read off
 * the records that begin and end every log.
 */
import {
  protocolRecordName,
  type InterruptInfo,
  type ProtocolMethod,
  type ProtocolParams,
  type RunEvent,
} from '@longrun/contracts';
import { taskOnWire } from '../wire/checkpoint-wire.js';
import { toWireJson } from '../wire/serialise.js';
import { toWireError } from '../wire/wire-error.js';
import { Lifecycle, type LifecycleEvent } from './lifecycle.js';
import type { LibraryEvent } from './protocol-stream.js';
import type { StreamChunk } from './stream-chunk.js';

const INTERRUPT = '__interrupt__';
const NAMED_CUSTOM = /^custom:(.+)$/s;

export class ProtocolRecorder {
  private readonly lifecycle = new Lifecycle();
  private readonly asked = new Set<string>();
  /** Names of agents by the namespace of their graph. */
  private readonly names = new Map<string, string>();
  /** What a transformer of the graph says has started a graph, by namespace. */
  private readonly causes = new Map<string, unknown>();

  /** @param answers of the run, by the question; the questions are not open any more */
  *begin(answers: Readonly<Record<string, unknown>> | undefined): Generator<RunEvent> {
    if (answers === undefined) return;
    const data = { interrupt_ids: Object.keys(answers) };
    yield record('input.answered', { namespace: [], timestamp: Date.now(), data });
  }

  /** The records of one event: none, one, or several. */
  *record(event: LibraryEvent): Generator<RunEvent> {
    if (event.method === 'lifecycle') {
      this.noteCause(event);
      return;
    }
    const chunk = chunkOf(event);
    this.noteName(event);
    yield* this.lifecycles(this.lifecycle.before(chunk));
    yield* this.recordsOf(event);
    yield* this.lifecycles(this.lifecycle.after(chunk));
  }

  /** The state of a run that had stopped before this attempt began. */
  *snapshot(values: unknown, interrupts: readonly unknown[]): Generator<RunEvent> {
    const params = { namespace: [], timestamp: Date.now() };
    yield record('values', { ...params, data: values });
    yield* this.questions(interrupts, params);
  }

  /** What remains to be told when the graph has come to its end. */
  *finish(): Generator<RunEvent> {
    yield* this.lifecycles(this.lifecycle.finish());
  }

  /** What remains to be told when it has failed. */
  *fail(error: unknown): Generator<RunEvent> {
    yield* this.lifecycles(this.lifecycle.fail(toWireError(error)));
  }

  private *recordsOf({ method, params }: LibraryEvent): Generator<RunEvent> {
    const { data } = params;
    const named = NAMED_CUSTOM.exec(method)?.[1];
    if (named !== undefined)
      yield record(`custom:${named}`, { ...params, data: { name: named, payload: data } });
    else if (method === 'custom') yield record(customMethod(data), params);
    else if (method === 'values') yield* this.values(params);
    else if (method === 'updates' && params.node === INTERRUPT) {
      yield* this.questions([(data as { values: unknown }).values].flat(), params);
    } else if (method === 'tasks') yield record('tasks', { ...params, data: taskOnWire(data) });
    // A graph with an older LangGraph of its own sends messages in another form: its values have them.
    else if (method === 'messages' && !(isRecord(data) && typeof data.event === 'string')) return;
    else if (isPlainMethod(method)) yield record(method, params);
  }

  private *values(params: LibraryEvent['params']): Generator<RunEvent> {
    if (!isRecord(params.data) || !(INTERRUPT in params.data)) {
      yield record('values', params);
      return;
    }
    const { [INTERRUPT]: interrupts, ...values } = params.data;
    yield* this.questions([interrupts].flat(), params);
    if (Object.keys(values).length > 0) yield record('values', { ...params, data: values });
  }

  private *questions(
    interrupts: readonly unknown[],
    { namespace, timestamp }: Pick<ProtocolParams, 'namespace' | 'timestamp'>,
  ): Generator<RunEvent> {
    for (const interrupt of interrupts) {
      if (!isRecord(interrupt) || typeof interrupt.id !== 'string' || this.asked.has(interrupt.id)) continue;
      this.asked.add(interrupt.id);
      const { id, value } = interrupt as unknown as InterruptInfo;
      yield record('input.requested', {
        namespace,
        timestamp,
        data: { interrupt_id: id, payload: value ?? null },
      });
    }
  }

  private *lifecycles(events: Iterable<LifecycleEvent>): Generator<RunEvent> {
    for (const { event, namespace, tool_call_id, error } of events) {
      const key = keyOf(namespace);
      const call = tool_call_id === undefined ? undefined : { type: 'toolCall', tool_call_id };
      const cause = event === 'started' ? (this.causes.get(key) ?? call) : undefined;
      yield record('lifecycle', {
        namespace,
        timestamp: Date.now(),
        data: {
          event,
          graph_name: this.names.get(key) ?? nodeOf(namespace),
          ...(cause === undefined ? {} : { cause }),
          ...(error === undefined ? {} : { error: error.message }),
        },
      });
    }
  }

  /** An agent that was given a name has it in the metadata of its tasks. */
  private noteName({ method, params: { namespace, data } }: LibraryEvent): void {
    if (method !== 'tasks' || namespace.length === 0 || !isRecord(data) || !isRecord(data.metadata)) return;
    const name = data.metadata['lc_agent_name'];
    const key = keyOf(namespace);
    if (typeof name === 'string' && name !== '' && !this.names.has(key)) this.names.set(key, name);
  }

  private noteCause({ params: { namespace, data } }: LibraryEvent): void {
    if (isRecord(data) && data.event === 'started' && isRecord(data.cause))
      this.causes.set(keyOf(namespace), data.cause);
  }
}

function record(method: ProtocolMethod, params: ProtocolParams): RunEvent {
  const { namespace, timestamp, node, data } = params;
  return {
    event: protocolRecordName({ method, namespace }),
    data: toWireJson({ namespace, timestamp, ...(node === undefined ? {} : { node }), data }),
  };
}

/** The event as the chunk it was made of, as far as {@link Lifecycle} looks at it. */
function chunkOf({ method, params: { namespace, data } }: LibraryEvent): StreamChunk {
  const mode = method.startsWith('custom:') ? 'custom' : method;
  if (mode !== 'tools' || !isRecord(data)) return [namespace, mode, data];
  const event = TOOL_EVENTS.get(data.event);
  return [namespace, mode, { event, toolCallId: data['tool_call_id'] }];
}

const TOOL_EVENTS: ReadonlyMap<unknown, string> = new Map([
  ['tool-started', 'on_tool_start'],
  ['tool-output-delta', 'on_tool_event'],
  ['tool-finished', 'on_tool_end'],
  ['tool-error', 'on_tool_error'],
]);

function customMethod(data: unknown): ProtocolMethod {
  const name = isRecord(data) ? data['name'] : undefined;
  return typeof name === 'string' && name !== '' ? `custom:${name}` : 'custom';
}

function isPlainMethod(method: string): method is 'updates' | 'messages' | 'tools' | 'checkpoints' {
  return ['updates', 'messages', 'tools', 'checkpoints'].includes(method);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyOf(namespace: readonly string[]): string {
  return namespace.join('|');
}

/** The node that a namespace ends with. */
function nodeOf(namespace: readonly string[]): string {
  return namespace.at(-1)?.split(':', 1)[0] ?? '';
}
