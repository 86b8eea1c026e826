/**
 * The server itself, and components of front ends, in the description of the API.
 */
import type { OperationGroup } from '../operation.js';
import { anything, bool, listOf, object, oneOf, record, text } from '../schema.js';

const readiness = record({
  ready: bool,
  status: oneOf('ok', 'degraded', 'unavailable'),
  'reason?': text,
  missing: listOf(text),
  streaming: oneOf('redis', 'postgres', 'memory'),
});
const readinessOperation = {
  summary: 'Whether requests can be served, and what is missing',
  answer: readiness,
  also: { 503: { description: 'Not ready.', answer: readiness } },
};

export const SYSTEM_OPERATIONS: OperationGroup = {
  tag: 'System',
  description: 'The server itself.',
  operations: {
    'GET /ok': {
      summary: 'Alive; with `check_db` also whether Postgres answers',
      answer: record({ ok: oneOf(true) }),
      errors: [422, 503],
    },
    'GET /health/live': { summary: 'Alive', answer: record({ ok: oneOf(true) }) },
    'GET /ready': readinessOperation,
    'GET /health/ready': readinessOperation,
    'GET /info': {
      summary: 'Versions, and what the server can do',
      answer: {
        ...record({ version: text, langgraph_js_version: text, context: text, flags: object }),
        additionalProperties: true,
      },
    },
    'GET /metrics': {
      summary: 'Metrics, for Prometheus or as JSON',
      answer: anything,
      types: ['text/plain', 'application/json'],
      errors: [422],
    },
    'GET /openapi.json': { summary: 'This description', answer: object },
    'GET /docs': { summary: 'This description, to be read', answer: text, types: ['text/html'] },
    'POST /internal/truncate': {
      summary: 'Delete everything of a kind; for tests',
      answer: record({ ok: oneOf(true) }),
      errors: [422],
    },
  },
};

export const UI_OPERATIONS: OperationGroup = {
  tag: 'Components',
  description: 'Components that front ends load by name.',
  operations: {
    'POST /ui/{assistant_id}': {
      summary: 'The HTML that loads a component',
      answer: text,
      types: ['text/html'],
      errors: [404, 422],
    },
    'GET /ui/{assistant_id}/{file}': {
      summary: 'A file of the components',
      answer: text,
      types: ['text/javascript', 'text/css'],
      errors: [404],
    },
  },
};

export const MCP_OPERATIONS: OperationGroup = {
  tag: 'MCP',
  description: 'Assistants as tools of the Model Context Protocol: streamable HTTP, without sessions.',
  operations: {
    'POST /mcp': {
      summary: 'A message of the protocol',
      body: () => ({ type: ['object', 'array'], description: 'JSON-RPC 2.0.' }),
      status: 200,
      answer: object,
      types: ['application/json', 'text/event-stream'],
      also: { 202: { description: 'A notification was taken.', answer: null } },
      errors: [400, 405, 406],
    },
    'GET /mcp': { summary: 'Not offered: nothing is sent but answers', status: 405, answer: object },
    'DELETE /mcp': { summary: 'Not offered: there is no session to end', status: 405, answer: object },
  },
};

export const A2A_OPERATIONS: OperationGroup = {
  tag: 'A2A',
  description: 'Assistants as agents of the A2A protocol. A task is a run, a context is its thread.',
  operations: {
    'POST /a2a/{assistant_id}': {
      summary: 'A method of the protocol; those that stream answer with server-sent events',
      body: () =>
        record({ 'jsonrpc?': text, 'id?': anything, method: text, 'params?': object }, 'JSON-RPC 2.0.'),
      status: 200,
      answer: record({ jsonrpc: text, id: anything, 'result?': object, 'error?': object }),
      types: ['application/json', 'text/event-stream'],
      errors: [404],
      isIdempotent: true,
    },
    'GET /.well-known/agent-card.json': {
      summary: 'The card of an assistant',
      answer: { type: 'object', additionalProperties: true },
      errors: [404, 422],
    },
  },
};
