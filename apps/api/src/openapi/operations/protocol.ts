/**
 * Protocol v2 in the description of the API. Its bodies are not read by classes of fields: the protocol has answers of its own for what is
 * wrong with them.
 */
import { PROTOCOL_CHANNELS } from '@longrun/contracts';
import type { OperationGroup } from '../operation.js';
import { integer, listOf, object, oneOf, orNull, record, text } from '../schema.js';

const namespace = listOf(text);
const channel = { anyOf: [oneOf(...PROTOCOL_CHANNELS), { type: 'string', pattern: '^custom:.' }] };
const place = { anyOf: [{ type: 'integer', minimum: 0 }, text] };

export const PROTOCOL_OPERATIONS: OperationGroup = {
  tag: 'Protocol v2',
  description: 'Commands to a thread, and its events on channels. `GET` on the stream is its WebSocket.',
  operations: {
    'POST /threads/{thread_id}/commands': {
      summary: 'Start a run, answer a question, read or fork the state',
      body: () => record({ id: { type: 'integer', minimum: 0 }, method: text, 'params?': object }),
      answer: record({
        type: oneOf('success', 'error'),
        id: orNull(integer),
        'result?': object,
        'meta?': object,
        'error?': text,
        'message?': text,
      }),
      errors: [422],
      isIdempotent: true,
    },
    'POST /threads/{thread_id}/stream/events': {
      summary: 'The events of a thread, for as long as the client stays',
      status: 200,
      body: () => ({
        ...record({
          channels: { ...listOf(channel), minItems: 1 },
          'namespaces?': orNull(listOf(namespace)),
          'depth?': orNull({ type: 'integer', minimum: 0 }),
          'since?': orNull(place),
          'since_event_id?': orNull(text),
        }),
        additionalProperties: false,
      }),
      answer: 'stream',
      errors: [404, 422],
    },
  },
};
