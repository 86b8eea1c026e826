/**
 * Records of the stream modes of the Agent Server API as events of protocol v2: what a reader of the protocol sees of a run that was started
 * without it. Changes with either form.
 *
 * Tokens cannot be told: the protocol sends content blocks, which are not in such a log. `debug`, `events` and the older `messages/…` have no
 * channel.
 */
import type { NumberedRunEvent, ProtocolAddress } from '@longrun/contracts';
import { isRecord } from './event-filter.js';

const INTERRUPT = '__interrupt__';

export interface ModeEvent extends ProtocolAddress {
  node?: string;
  data: unknown;
}

/** None, one, or one for each question that the record tells. */
export function eventsOfModeRecord({ event, data }: Pick<NumberedRunEvent, 'event' | 'data'>): ModeEvent[] {
  const [mode = '', ...namespace] = event.split('|');
  const convert = CONVERTERS[mode];
  if (!convert) return [];
  return convert(JSON.parse(data)).map((made) => ({ ...made, namespace }));
}

type Made = Omit<ModeEvent, 'namespace'>;

const CONVERTERS: Partial<Record<string, (data: unknown) => Made[]>> = {
  values: (data) => {
    if (!isRecord(data) || !(INTERRUPT in data)) return [{ method: 'values', data }];
    const { [INTERRUPT]: interrupts, ...values } = data;
    const rest: Made[] = Object.keys(values).length > 0 ? [{ method: 'values', data: values }] : [];
    return [...questions(interrupts), ...rest];
  },
  updates: (data) =>
    Object.entries(isRecord(data) ? data : {}).flatMap(([node, values]): Made[] =>
      node === INTERRUPT ? questions(values) : [{ method: 'updates', node, data: { node, values } }],
    ),
  custom: (data) => [{ method: customMethod(data), data: isNamed(data) ? data : { payload: data } }],
  tasks: (data) => [{ method: 'tasks', data }],
  tools: (data) => (isRecord(data) ? [{ method: 'tools', data: toolData(data) }] : []),
  lifecycle: (data) => (isRecord(data) ? [{ method: 'lifecycle', data: lifecycleData(data) }] : []),
};

function questions(interrupts: unknown): Made[] {
  return (Array.isArray(interrupts) ? interrupts : []).flatMap((question: unknown): Made[] =>
    isRecord(question) && typeof question['id'] === 'string'
      ? [
          {
            method: 'input.requested',
            data: { interrupt_id: question['id'], payload: question['value'] ?? null },
          },
        ]
      : [],
  );
}

function isNamed(data: unknown): data is { name: string } {
  return isRecord(data) && typeof data['name'] === 'string' && data['name'] !== '';
}

function customMethod(data: unknown): ProtocolAddress['method'] {
  return isNamed(data) ? `custom:${data.name}` : 'custom';
}

function toolData(data: Record<string, unknown>): object {
  const tool_call_id = data['toolCallId'] ?? '';
  if (data['event'] === 'on_tool_start') {
    return { event: 'tool-started', tool_call_id, tool_name: data['name'], input: data['input'] };
  }
  if (data['event'] === 'on_tool_end')
    return { event: 'tool-finished', tool_call_id, output: data['output'] };
  if (data['event'] === 'on_tool_error') {
    const error = data['error'];
    return { event: 'tool-error', tool_call_id, message: isRecord(error) ? error['message'] : String(error) };
  }
  const delta = data['data'];
  return {
    event: 'tool-output-delta',
    tool_call_id,
    delta: typeof delta === 'string' ? delta : JSON.stringify(delta ?? ''),
  };
}

function lifecycleData({ event, namespace, tool_call_id, error }: Record<string, unknown>): object {
  const last: unknown = Array.isArray(namespace) ? namespace.at(-1) : '';
  return {
    event,
    graph_name: typeof last === 'string' ? last.split(':', 1)[0] : '',
    ...(tool_call_id === undefined ? {} : { cause: { type: 'toolCall', tool_call_id } }),
    ...(isRecord(error) ? { error: error['message'] } : {}),
  };
}
