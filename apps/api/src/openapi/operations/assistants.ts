/**
 * Assistants in the description of the API.
 */
import type { OperationGroup } from '../operation.js';
import { integer, listOf, mapOf, ref, uuid } from '../schema.js';

export const ASSISTANT_OPERATIONS: OperationGroup = {
  tag: 'Assistants',
  description: 'Graphs with a configuration, in versions. `{assistant_id}` is an id or the name of a graph.',
  operations: {
    'POST /assistants': {
      summary: 'Create an assistant',
      answer: ref('Assistant'),
      errors: [404, 409, 422],
      isIdempotent: true,
    },
    'POST /assistants/search': {
      summary: 'Search assistants',
      answer: listOf(ref('AssistantPart')),
      errors: [422],
      isPaged: true,
    },
    'POST /assistants/count': { summary: 'Count assistants', answer: integer, errors: [422] },
    'GET /assistants/{assistant_id}': {
      summary: 'Get an assistant',
      answer: ref('Assistant'),
      errors: [404],
    },
    'PATCH /assistants/{assistant_id}': {
      summary: 'Change an assistant: its next version',
      answer: ref('Assistant'),
      errors: [404, 409, 422],
    },
    'DELETE /assistants/{assistant_id}': {
      summary: 'Delete an assistant',
      answer: { ...listOf(uuid), description: 'The id of what was deleted.' },
      errors: [404, 409, 422],
    },
    'POST /assistants/{assistant_id}/versions': {
      summary: 'List the versions of an assistant, newest first',
      answer: listOf(ref('AssistantVersion')),
      errors: [404, 422],
    },
    'POST /assistants/{assistant_id}/latest': {
      summary: 'Make a version the current one. That of the body wins over that of the query',
      answer: ref('Assistant'),
      errors: [404, 422],
    },
    'GET /assistants/{assistant_id}/graph': {
      summary: 'Nodes and edges of the graph',
      answer: ref('Drawing'),
      errors: [404, 422],
    },
    'GET /assistants/{assistant_id}/schemas': {
      summary: 'JSON schemas of the graph',
      answer: ref('GraphSchemas'),
      errors: [404],
    },
    'GET /assistants/{assistant_id}/subgraphs': {
      summary: 'JSON schemas of the subgraphs, by name',
      answer: mapOf(ref('SubgraphSchemas')),
      errors: [404, 422],
    },
    'GET /assistants/{assistant_id}/subgraphs/{namespace}': {
      summary: 'JSON schemas of one subgraph, by name',
      answer: mapOf(ref('SubgraphSchemas')),
      errors: [404, 422],
    },
  },
};
