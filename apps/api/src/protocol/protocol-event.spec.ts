import { describe, expect, it } from '@jest/globals';
import { eventsOfRecord, type ProtocolEvent, type RunFacts } from './protocol-event.js';
import { seqOfPlace } from './thread-place.js';

const RUN: RunFacts = {
  runId: '019a8c0e-0000-7000-8000-000000000000',
  order: 3,
  graphId: 'agent',
  startedAt: 1_000,
  endedAt: null,
  error: null,
};
const ENDED: RunFacts = { ...RUN, endedAt: 2_000 };

const of = (event: string, data: unknown, run = RUN, seq = 7): ProtocolEvent[] =>
  eventsOfRecord({ seq, event, data: JSON.stringify(data) }, run, () => true);
const sent = (events: ProtocolEvent[]): unknown[] => events.map(({ json }) => JSON.parse(json) as unknown);

describe('a record as an event', () => {
  it('of the protocol is the event whose params it holds', () => {
    const params = { namespace: ['a:1'], timestamp: 5, node: 'n', data: { x: 1 } };
    expect(sent(of('v2:updates|a:1', params))).toEqual([
      { type: 'event', event_id: '3-7', seq: seqOfPlace({ order: 3, seq: 7 }), method: 'updates', params },
    ]);
    expect(of('v2:custom:news', { ...params, namespace: [] })[0]).toMatchObject({
      method: 'custom',
      address: { method: 'custom:news', namespace: [] },
    });
  });

  it('that begins an attempt is the lifecycle of the root, and its id names the run', () => {
    const first = of('metadata', { run_id: RUN.runId, attempt: 1 });
    expect(first[0]?.id).toBe(`synth:${RUN.runId}:3-7`);
    expect(sent(first)).toMatchObject([
      {
        method: 'lifecycle',
        params: { namespace: [], timestamp: 1_000, data: { event: 'running', graph_name: 'agent' } },
      },
    ]);
    expect(sent(of('metadata', { run_id: RUN.runId, attempt: 2 }))).toMatchObject([
      { params: { data: { event: 'running', attempt: 2 } } },
    ]);
  });

  it.each([
    ['success', undefined, 'completed'],
    ['success', 'interrupted', 'interrupted'],
    ['interrupted', undefined, 'interrupted'],
    ['rollback', undefined, 'interrupted'],
    ['error', undefined, 'failed'],
    ['timeout', undefined, 'failed'],
  ])('that ends a run as %s, its thread %s, is %s', (status, thread_status, event) => {
    const end = of('end', { run_id: RUN.runId, status, thread_status }, { ...ENDED, error: 'why' });
    expect(sent(end)).toMatchObject([
      {
        params: {
          timestamp: 2_000,
          data: { event, graph_name: 'agent', ...(event === 'failed' ? { error: 'why' } : {}) },
        },
      },
    ]);
    expect(end[0]?.id).toBe(`synth:${RUN.runId}:3-7`);
  });

  it('of an error is none: the end says it', () => {
    expect(of('error', { error: 'Error', message: 'why' })).toEqual([]);
  });

  it('is not made when nobody wants it', () => {
    const record = { seq: 0, event: 'v2:values', data: 'no JSON' };
    expect(eventsOfRecord(record, RUN, () => false)).toEqual([]);
    expect(eventsOfRecord({ ...record, event: 'end' }, RUN, () => false)).toEqual([]);
  });
});

describe('a record of a stream mode as events', () => {
  const question = (id: string) => ({ id, value: `${id}?` });

  it('is one for each question that it tells, each with a place of its own', () => {
    const events = of('values|a:1', { __interrupt__: [question('q'), question('r')], log: [] }, ENDED);
    expect(sent(events)).toMatchObject([
      {
        event_id: '3-7',
        method: 'input.requested',
        params: { namespace: ['a:1'], data: { interrupt_id: 'q', payload: 'q?' } },
      },
      { event_id: '3-7.1', method: 'input.requested', params: { data: { interrupt_id: 'r' } } },
      { event_id: '3-7.2', method: 'values', params: { data: { log: [] } } },
    ]);
    expect(new Set(events.map(({ json }) => (JSON.parse(json) as { seq: number }).seq)).size).toBe(1);
    expect(of('values', { __interrupt__: [] })).toEqual([]);
  });

  it('has the data of its channel', () => {
    const only = (event: string, data: unknown): unknown =>
      (sent(of(event, data)) as { params: { data: unknown } }[]).map(({ params }) => params.data);
    expect(only('values', { a: 1 })).toEqual([{ a: 1 }]);
    expect(only('updates', { n: { a: 1 }, m: null })).toEqual([
      { node: 'n', values: { a: 1 } },
      { node: 'm', values: null },
    ]);
    expect(only('custom', { a: 1 })).toEqual([{ payload: { a: 1 } }]);
    expect(only('custom', { name: 'x', payload: 1 })).toEqual([{ name: 'x', payload: 1 }]);
    expect(only('tasks', { id: 't' })).toEqual([{ id: 't' }]);
    expect(only('tools', { event: 'on_tool_start', toolCallId: 'c', name: 't', input: 1 })).toEqual([
      { event: 'tool-started', tool_call_id: 'c', tool_name: 't', input: 1 },
    ]);
    expect(only('tools', { event: 'on_tool_event', toolCallId: 'c', data: { a: 1 } })).toEqual([
      { event: 'tool-output-delta', tool_call_id: 'c', delta: '{"a":1}' },
    ]);
    expect(only('tools', { event: 'on_tool_end', toolCallId: 'c', output: 1 })).toEqual([
      { event: 'tool-finished', tool_call_id: 'c', output: 1 },
    ]);
    expect(
      only('tools', { event: 'on_tool_error', toolCallId: 'c', error: { error: 'E', message: 'm' } }),
    ).toEqual([{ event: 'tool-error', tool_call_id: 'c', message: 'm' }]);
    expect(only('lifecycle|a:1', { event: 'started', namespace: ['a:1'], tool_call_id: 'c' })).toEqual([
      { event: 'started', graph_name: 'a', cause: { type: 'toolCall', tool_call_id: 'c' } },
    ]);
  });

  it('is none where the protocol has no channel or another form', () => {
    for (const mode of [
      'messages',
      'messages/partial',
      'messages/metadata',
      'debug',
      'events',
      'checkpoints',
    ]) {
      expect(of(mode, [{}])).toEqual([]);
    }
  });

  it('is of the present while the run goes on, and of its beginning afterwards', () => {
    const time = (run: RunFacts): number =>
      (sent(of('values', {}, run)) as { params: { timestamp: number } }[])[0]?.params.timestamp ?? 0;
    expect(Math.abs(Date.now() - time(RUN))).toBeLessThan(10_000);
    expect(time(ENDED)).toBe(1_000);
  });
});
