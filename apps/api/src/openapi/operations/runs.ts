/**
 * Runs in the description of the API.
 */
import { BULK_LIMIT } from '../../runs/run-bulk.dto.js';
import { StatelessRunDto } from '../../runs/run-create.dto.js';
import type { OperationGroup } from '../operation.js';
import { listOf, ref } from '../schema.js';

const creates = { isIdempotent: true, namesRun: true } as const;

export const RUN_OPERATIONS: OperationGroup = {
  tag: 'Runs',
  description:
    'A graph at work: on a thread, or on one of its own. Streams are server-sent events; `id` is the number of an event.',
  operations: {
    'POST /threads/{thread_id}/runs': {
      summary: 'Create a run',
      answer: ref('Run'),
      errors: [404, 409, 422],
      ...creates,
    },
    'POST /runs': {
      summary: 'Create a run on a thread of its own',
      answer: ref('Run'),
      errors: [404, 409, 422],
      ...creates,
    },
    'POST /threads/{thread_id}/runs/stream': {
      summary: 'Create a run and stream its events',
      answer: 'stream',
      status: 200,
      errors: [404, 409, 422],
      ...creates,
    },
    'POST /runs/stream': {
      summary: 'Create a run on a thread of its own and stream its events',
      answer: 'stream',
      status: 200,
      errors: [404, 409, 422],
      ...creates,
    },
    'POST /threads/{thread_id}/runs/wait': {
      summary: 'Create a run and wait for its result',
      answer: ref('RunResult'),
      status: 200,
      errors: [404, 409, 422],
      ...creates,
    },
    'POST /runs/wait': {
      summary: 'Create a run on a thread of its own and wait for its result',
      answer: ref('RunResult'),
      status: 200,
      errors: [404, 409, 422],
      ...creates,
    },
    'POST /runs/batch': {
      summary: 'Create runs on threads of their own: all or none',
      body: (schemaOf) => ({ ...listOf(schemaOf(StatelessRunDto)), minItems: 1, maxItems: BULK_LIMIT }),
      answer: listOf(ref('Run')),
      errors: [404, 409, 422],
      isIdempotent: true,
    },
    'POST /runs/cancel': { summary: 'Cancel many runs', answer: null, errors: [404, 422] },
    'POST /runs/requeue': {
      summary: 'Start ended runs anew',
      answer: listOf(ref('Run')),
      errors: [404, 409, 422],
      isIdempotent: true,
    },
    'GET /runs/{run_id}/explain': {
      summary: 'What happened to a run, and what it waits for',
      answer: ref('RunExplanation'),
      errors: [404, 422],
    },
    'GET /threads/{thread_id}/runs': {
      summary: 'Runs of a thread, newest first',
      answer: listOf(ref('RunPart')),
      errors: [404, 422],
      isPaged: true,
    },
    'GET /threads/{thread_id}/runs/{run_id}': {
      summary: 'Get a run',
      answer: ref('Run'),
      errors: [404, 422],
    },
    'DELETE /threads/{thread_id}/runs/{run_id}': {
      summary: 'Delete a run; an active one is ended first',
      answer: null,
      errors: [404, 422],
    },
    'GET /threads/{thread_id}/runs/{run_id}/join': {
      summary: 'Wait for the result of a run',
      answer: ref('RunResult'),
      errors: [404, 422],
      namesRun: true,
    },
    'GET /threads/{thread_id}/runs/{run_id}/stream': {
      summary:
        'The events of a run from any one on, also after its end. A run that does not exist is `event: error`',
      answer: 'stream',
      errors: [422],
      namesRun: true,
    },
    'GET /runs/{run_id}/stream': {
      summary: 'The same for a run without a thread',
      answer: 'stream',
      errors: [422],
      namesRun: true,
    },
    'POST /threads/{thread_id}/runs/{run_id}/cancel': {
      summary: 'Cancel a run: at once, or with `wait` answered by its result',
      status: 202,
      answer: null,
      also: { 200: { description: 'With `wait`: the result of the run.', answer: ref('RunResult') } },
      errors: [404, 422],
    },
  },
};
