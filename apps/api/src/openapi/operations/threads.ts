/**
 * Threads and their state in the description of the API.
 */
import type { OperationGroup } from '../operation.js';
import { integer, listOf, orNull, record, ref } from '../schema.js';

const state = ref('ThreadStatePart');

export const THREAD_OPERATIONS: OperationGroup = {
  tag: 'Threads',
  description: 'Conversations: what runs leave and the next run begins with.',
  operations: {
    'POST /threads': {
      summary: 'Create a thread, empty or with a state',
      answer: ref('Thread'),
      errors: [404, 409, 422],
      isIdempotent: true,
    },
    'POST /threads/search': {
      summary: 'Search threads',
      answer: listOf(ref('FoundThread')),
      errors: [422],
      isPaged: true,
    },
    'POST /threads/count': { summary: 'Count threads', answer: integer, errors: [422] },
    'POST /threads/prune': {
      summary: 'Delete threads, or their history',
      answer: record({ pruned_count: integer }),
      errors: [422],
    },
    'GET /threads/{thread_id}': { summary: 'Get a thread', answer: ref('Thread'), errors: [404, 422] },
    'PATCH /threads/{thread_id}': {
      summary: 'Merge metadata, set the time to live',
      answer: ref('Thread'),
      also: { 204: { description: 'Done: `Prefer: return=minimal`.', answer: null } },
      errors: [404, 422],
    },
    'DELETE /threads/{thread_id}': { summary: 'Delete a thread', answer: null, errors: [404, 422] },
    'POST /threads/{thread_id}/copy': {
      summary: 'Copy a thread with its state and history',
      answer: ref('Thread'),
      errors: [409, 422],
      isIdempotent: true,
    },
    'GET /threads/{thread_id}/state': { summary: 'The newest state', answer: state, errors: [404, 422] },
    'POST /threads/{thread_id}/state': {
      summary: 'Update the state as if a node had',
      answer: record({ checkpoint: orNull(ref('Checkpoint')) }),
      errors: [400, 404, 409, 422],
    },
    'PATCH /threads/{thread_id}/state': {
      summary: 'Merge metadata into the newest checkpoint',
      answer: null,
      errors: [404, 409, 422],
    },
    'GET /threads/{thread_id}/state/{checkpoint_id}': {
      summary: 'The state at a checkpoint',
      answer: state,
      errors: [404, 422],
    },
    'POST /threads/{thread_id}/state/checkpoint': {
      summary: 'The state at a checkpoint, also of a subgraph',
      answer: state,
      errors: [404, 422],
    },
    'POST /threads/{thread_id}/history': {
      summary: 'States, newest first',
      answer: listOf(state),
      errors: [404, 422],
    },
    'GET /threads/{thread_id}/history': {
      summary: 'States, newest first',
      answer: listOf(state),
      errors: [404, 422],
    },
    'GET /threads/{thread_id}/storage': {
      summary: 'How many bytes the thread takes up',
      answer: ref('ThreadStorage'),
      errors: [404, 422],
    },
    'GET /threads/{thread_id}/stream': {
      summary: 'Everything that its runs send, for as long as the client stays',
      answer: 'stream',
      errors: [404, 422],
    },
  },
};
