/**
 * Crons and the store in the description of the API.
 */
import type { OperationGroup } from '../operation.js';
import { integer, listOf, orNull, record, ref, text } from '../schema.js';

export const CRON_OPERATIONS: OperationGroup = {
  tag: 'Crons',
  description: 'Schedules that create runs.',
  operations: {
    'POST /runs/crons': {
      summary: 'Create a cron whose runs have threads of their own',
      answer: ref('Cron'),
      errors: [404, 409, 422],
      isIdempotent: true,
    },
    'POST /threads/{thread_id}/runs/crons': {
      summary: 'Create a cron on a thread',
      answer: ref('Cron'),
      errors: [404, 409, 422],
      isIdempotent: true,
    },
    'PATCH /runs/crons/{cron_id}': { summary: 'Change a cron', answer: ref('Cron'), errors: [400, 404, 422] },
    'DELETE /runs/crons/{cron_id}': { summary: 'Delete a cron', answer: null, errors: [404, 422] },
    'POST /runs/crons/search': {
      summary: 'Search crons',
      answer: listOf(ref('CronPart')),
      errors: [422],
      isPaged: true,
    },
    'POST /runs/crons/count': { summary: 'Count crons', answer: integer, errors: [422] },
  },
};

export const STORE_OPERATIONS: OperationGroup = {
  tag: 'Store',
  description: 'The memory that graphs share across threads.',
  operations: {
    'PUT /store/items': { summary: 'Put an item', answer: null, errors: [400, 422, 502] },
    'GET /store/items': {
      summary: 'Get an item; null when there is none',
      answer: orNull(ref('Item')),
      errors: [400, 422],
    },
    'DELETE /store/items': { summary: 'Delete an item', answer: null, errors: [400, 422] },
    'POST /store/items/search': {
      summary: 'Search items under a namespace, also by meaning',
      answer: record({ items: listOf(ref('Item')) }),
      errors: [422, 502],
    },
    'POST /store/namespaces': {
      summary: 'List namespaces',
      answer: record({ namespaces: listOf(listOf(text)) }),
      errors: [422],
    },
  },
};
