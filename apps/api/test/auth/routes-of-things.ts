/**
 * Every route that names somebody's thing, with a request that would be answered if it were the caller's own.
 */
import type { Things } from './things.js';

export interface ThingRoute {
  method: string;
  path: string;
  body?: (things: Things) => unknown;
  /** Of a command of protocol v2, whose refusal is a 200 that says so. */
  command?: string;
  /** A thread that does not exist is no error here: it is made. */
  makesThread?: boolean;
}

const none = (): object => ({});

/** For whichever command. */
const COMMAND_PARAMS = {
  assistant_id: 'whoami',
  input: { note: 'taken' },
  interrupt_id: '0'.repeat(32),
  response: 'taken',
  checkpoint_id: '1',
};

export const ROUTES_OF_THINGS: readonly ThingRoute[] = [
  { method: 'GET', path: '/threads/{thread}' },
  { method: 'PATCH', path: '/threads/{thread}', body: () => ({ metadata: { taken: true } }) },
  { method: 'DELETE', path: '/threads/{thread}' },
  { method: 'POST', path: '/threads/{thread}/copy', body: none },
  { method: 'GET', path: '/threads/{thread}/state' },
  { method: 'POST', path: '/threads/{thread}/state', body: () => ({ values: { note: 'taken' } }) },
  { method: 'PATCH', path: '/threads/{thread}/state', body: () => ({ metadata: { taken: true } }) },
  { method: 'GET', path: '/threads/{thread}/state/1' },
  {
    method: 'POST',
    path: '/threads/{thread}/state/checkpoint',
    body: () => ({ checkpoint: { checkpoint_id: '1' } }),
  },
  { method: 'GET', path: '/threads/{thread}/history' },
  { method: 'POST', path: '/threads/{thread}/history', body: none },
  { method: 'GET', path: '/threads/{thread}/storage' },
  { method: 'GET', path: '/threads/{thread}/stream' },
  {
    method: 'POST',
    path: '/threads/{thread}/stream/events',
    body: () => ({ channels: ['values'] }),
    makesThread: true,
  },
  ...['state.get', 'state.listCheckpoints', 'agent.getTree', 'run.start', 'input.respond', 'state.fork'].map(
    (method): ThingRoute => ({
      command: method,
      makesThread: method === 'run.start',
      method: 'POST',
      path: '/threads/{thread}/commands',
      body: () => ({ id: 1, method, params: COMMAND_PARAMS }),
    }),
  ),
  { method: 'GET', path: '/.well-known/agent-card.json?assistant_id={assistant}' },
  { method: 'POST', path: '/a2a/{assistant}', body: () => ({ jsonrpc: '2.0', id: 1, method: 'tasks/get' }) },
  { method: 'GET', path: '/threads/{thread}/runs' },
  { method: 'POST', path: '/threads/{thread}/runs', body: () => ({ assistant_id: 'whoami', input: {} }) },
  {
    method: 'POST',
    path: '/threads/{thread}/runs/wait',
    body: () => ({ assistant_id: 'whoami', input: {} }),
  },
  {
    method: 'POST',
    path: '/threads/{thread}/runs/stream',
    body: () => ({ assistant_id: 'whoami', input: {} }),
  },
  {
    method: 'POST',
    path: '/threads/{thread}/runs/crons',
    body: () => ({ assistant_id: 'whoami', schedule: '0 0 * * *' }),
  },
  { method: 'GET', path: '/threads/{thread}/runs/{run}' },
  { method: 'DELETE', path: '/threads/{thread}/runs/{run}' },
  { method: 'POST', path: '/threads/{thread}/runs/{run}/cancel' },
  { method: 'POST', path: '/threads/{thread}/runs/{run}/cancel?wait=1' },
  { method: 'GET', path: '/threads/{thread}/runs/{run}/join' },
  { method: 'GET', path: '/threads/{thread}/runs/{run}/stream' },
  { method: 'GET', path: '/runs/{run}/stream' },
  { method: 'GET', path: '/runs/{run}/explain' },
  {
    method: 'POST',
    path: '/runs/cancel',
    body: ({ thread, run }) => ({ thread_id: thread, run_ids: [run] }),
  },
  { method: 'POST', path: '/runs/requeue', body: ({ run }) => ({ run_ids: [run] }) },
  { method: 'PATCH', path: '/runs/crons/{cron}', body: () => ({ metadata: { taken: true } }) },
  { method: 'DELETE', path: '/runs/crons/{cron}' },
  { method: 'GET', path: '/assistants/{assistant}' },
  { method: 'PATCH', path: '/assistants/{assistant}', body: () => ({ metadata: { taken: true } }) },
  { method: 'DELETE', path: '/assistants/{assistant}' },
  { method: 'DELETE', path: '/assistants/{assistant}?delete_threads=true' },
  { method: 'POST', path: '/assistants/{assistant}/versions', body: none },
  { method: 'POST', path: '/assistants/{assistant}/latest', body: () => ({ version: 1 }) },
  { method: 'GET', path: '/assistants/{assistant}/graph' },
  { method: 'GET', path: '/assistants/{assistant}/schemas' },
  { method: 'GET', path: '/assistants/{assistant}/subgraphs' },
  { method: 'GET', path: '/assistants/{assistant}/subgraphs/inner' },
  { method: 'POST', path: '/ui/{assistant}', body: () => ({ name: 'weather' }) },
  { method: 'POST', path: '/runs', body: ({ assistant }) => ({ assistant_id: assistant, input: {} }) },
  { method: 'POST', path: '/runs/wait', body: ({ assistant }) => ({ assistant_id: assistant, input: {} }) },
  { method: 'POST', path: '/runs/stream', body: ({ assistant }) => ({ assistant_id: assistant, input: {} }) },
  { method: 'POST', path: '/runs/batch', body: ({ assistant }) => [{ assistant_id: assistant, input: {} }] },
  {
    method: 'POST',
    path: '/runs/crons',
    body: ({ assistant }) => ({ assistant_id: assistant, schedule: '0 0 * * *' }),
  },
];

export function pathOf({ path }: ThingRoute, things: Things): string {
  return path.replace(/\{(\w+)\}/g, (_all, name: keyof Things) => things[name]);
}
