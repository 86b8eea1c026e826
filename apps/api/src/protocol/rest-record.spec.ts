import { describe, expect, it } from '@jest/globals';
import { inStreamModes } from './rest-record.js';

const records = (...events: [string, unknown][]) =>
  events.map(([event, data], seq) => ({
    seq,
    event,
    data: JSON.stringify(event.startsWith('v2:') ? { namespace: [], timestamp: 1, data } : data),
  }));
const read = (...events: [string, unknown][]): [number, string, unknown][] =>
  inStreamModes(records(...events)).map(({ seq, event, data }) => [seq, event, JSON.parse(data)]);

describe('a log of the protocol for a reader of stream modes', () => {
  it('has the events of the modes under their numbers, and leaves out what cannot be told', () => {
    expect(
      read(
        ['metadata', { run_id: 'r' }],
        ['v2:checkpoints', { id: 'c' }],
        ['v2:values', { a: 1 }],
        ['v2:updates|s:1', { node: 'n', values: { a: 2 } }],
        ['v2:messages|n:1', { event: 'message-start' }],
        ['v2:custom', { payload: 3 }],
        ['v2:custom:x', { name: 'x', payload: 4 }],
        ['v2:tasks', { id: 't' }],
        ['v2:input.requested', { interrupt_id: 'q', payload: '?' }],
        ['v2:input.answered', { interrupt_ids: ['q'] }],
        ['end', { run_id: 'r' }],
      ),
    ).toEqual([
      [0, 'metadata', { run_id: 'r' }],
      [2, 'values', { a: 1 }],
      [3, 'updates|s:1', { n: { a: 2 } }],
      [5, 'custom', 3],
      [6, 'custom', { name: 'x', payload: 4 }],
      [7, 'tasks', { id: 't' }],
      [8, 'values', { __interrupt__: [{ id: 'q', value: '?' }] }],
      [10, 'end', { run_id: 'r' }],
    ]);
  });

  it('has tools and graphs inside the graph in their older form', () => {
    expect(
      read(
        ['v2:tools', { event: 'tool-started', tool_call_id: 'c', tool_name: 't', input: 1 }],
        ['v2:tools', { event: 'tool-output-delta', tool_call_id: 'c', delta: 'd' }],
        ['v2:tools', { event: 'tool-finished', tool_call_id: 'c', output: 2 }],
        ['v2:tools', { event: 'tool-error', tool_call_id: 'c', message: 'm' }],
        [
          'v2:lifecycle|a:1',
          { event: 'failed', graph_name: 'a', cause: { type: 'toolCall', tool_call_id: 'c' }, error: 'm' },
        ],
      ).map(([, event, data]) => [event, data]),
    ).toEqual([
      ['tools', { event: 'on_tool_start', toolCallId: 'c', name: 't', input: 1 }],
      ['tools', { event: 'on_tool_event', toolCallId: 'c', data: 'd' }],
      ['tools', { event: 'on_tool_end', toolCallId: 'c', output: 2 }],
      ['tools', { event: 'on_tool_error', toolCallId: 'c', error: { error: 'Error', message: 'm' } }],
      [
        'lifecycle|a:1',
        { event: 'failed', namespace: ['a:1'], tool_call_id: 'c', error: { error: 'Error', message: 'm' } },
      ],
    ]);
  });

  it('is left as it is when it is none of the protocol', () => {
    const others = records(['metadata', {}], ['values', {}]);
    expect(inStreamModes(others)).toBe(others);
  });
});
