/**
 * Records of protocol v2 as events of the stream modes: what a reader of the Agent Server API sees of a run that was started over the
 * protocol. Changes with either form.
 *
 * Not told: messages, which the protocol has as content blocks (their text is in the values), checkpoints, of which it has the ids only, and
 * answered questions.
 */
import {
  addressOfProtocolRecord,
  isProtocolRecord,
  type NumberedRunEvent,
  type ProtocolParams,
} from '@longrun/contracts';
import { isRecord } from './event-filter.js';

/** The events as they are for readers of stream modes: those of the protocol in the form of a mode, or left out. */
export function inStreamModes(events: readonly NumberedRunEvent[]): readonly NumberedRunEvent[] {
  if (!events.some(({ event }) => isProtocolRecord(event))) return events;
  return events.flatMap((event) => {
    if (!isProtocolRecord(event.event)) return [event];
    const made = inStreamMode(event);
    return made === null ? [] : [made];
  });
}

function inStreamMode({ seq, event, data }: NumberedRunEvent): NumberedRunEvent | null {
  const { method, namespace } = addressOfProtocolRecord(event);
  const as = (mode: string, convert: (payload: unknown) => unknown): NumberedRunEvent => {
    const { data: payload } = JSON.parse(data) as ProtocolParams;
    return { seq, event: [mode, ...namespace].join('|'), data: JSON.stringify(convert(payload)) ?? 'null' };
  };
  if (method === 'values' || method === 'tasks') return as(method, (payload) => payload);
  if (method === 'updates') return as(method, update);
  if (method === 'input.requested') return as('values', question);
  if (method === 'custom') return as(method, (payload) => (isRecord(payload) ? payload['payload'] : payload));
  if (method.startsWith('custom:')) return as('custom', (payload) => payload);
  if (method === 'tools') return as(method, tool);
  if (method === 'lifecycle') return as(method, (payload) => lifecycle(payload, namespace));
  return null;
}

function update(payload: unknown): unknown {
  const { node, values } = payload as { node?: string; values: unknown };
  return node === undefined ? values : { [node]: values };
}

function question(payload: unknown): unknown {
  const { interrupt_id: id, payload: value } = payload as { interrupt_id: string; payload: unknown };
  return { __interrupt__: [{ id, value }] };
}

function tool(payload: unknown): unknown {
  const { event, tool_call_id: toolCallId, ...rest } = payload as Record<string, unknown>;
  if (event === 'tool-started') {
    return { event: 'on_tool_start', toolCallId, name: rest['tool_name'], input: rest['input'] };
  }
  if (event === 'tool-finished') return { event: 'on_tool_end', toolCallId, output: rest['output'] };
  if (event === 'tool-error') {
    return { event: 'on_tool_error', toolCallId, error: { error: 'Error', message: rest['message'] } };
  }
  return { event: 'on_tool_event', toolCallId, data: rest['delta'] };
}

function lifecycle(payload: unknown, namespace: readonly string[]): unknown {
  const { event, cause, error } = payload as Record<string, unknown>;
  const call = isRecord(cause) ? cause['tool_call_id'] : undefined;
  return {
    event,
    namespace,
    ...(call === undefined ? {} : { tool_call_id: call }),
    ...(error === undefined ? {} : { error: { error: 'Error', message: error } }),
  };
}
