/**
 * Requests at random, which a seed repeats: each for a route of the API, with fields that it has and values that they may have or not.
 */
import type { SeededRandom } from '@longrun/testing';
import { pathOf } from '../auth/routes-of-things.js';
import type { Things } from '../auth/things.js';
import type { Route } from './routes.js';

/** Of protocol v2, MCP and A2A. */
const RPC_METHODS = [
  ...['run.start', 'input.respond', 'state.get', 'state.fork', 'state.listCheckpoints', 'agent.getTree'],
  ...['initialize', 'tools/list', 'tools/call', 'notifications/cancelled'],
  ...['message/send', 'message/stream', 'tasks/get', 'tasks/cancel', 'tasks/resubscribe'],
];

const TEXTS = [
  '',
  'alice',
  "'; DROP TABLE thread; --",
  '\u{1F600}',
  'a'.repeat(300),
  '%',
  '..',
  '*',
  '{}',
  '$.a',
];

export interface GeneratedRequest {
  route: Route;
  method: string;
  path: string;
  /** Undefined: the fields are in the query. */
  body: unknown;
}

export interface Ingredients {
  random: SeededRandom;
  routes: readonly Route[];
  /** Whose things a request mostly names. */
  others: Things;
  own: Things;
  /** Graphs that may be run. */
  graphs: readonly string[];
  /** Takes part of the choice of values where it returns one. */
  choose?: (field: string) => { value: unknown } | undefined;
}

export class RequestGenerator {
  readonly #given: Ingredients;

  constructor(given: Ingredients) {
    this.#given = given;
  }

  /** @param chance of each field to be there, beside those that the route requires; these are there more often */
  request(chance = 0.5): GeneratedRequest {
    const { random, routes, others, own } = this.#given;
    const route = random.pick(routes);
    const { method, path, fields, required } = route;
    const things = random.pick([others, others, own]);
    const named = path.replace(/\{(checkpoint|namespace|file)\}/g, () => encodeURIComponent(this.text()));
    const filled = pathOf({ method, path: named }, { ...things, ...(random.next() < 0.2 ? own : {}) });
    const values = fields
      .filter((field) => random.next() < (required.includes(field) ? Math.max(chance, 1 - chance) : chance))
      .map((field) => [field, this.value(field)] as const);
    if (method === 'GET' || (method === 'DELETE' && !path.startsWith('/store'))) {
      const pairs = values.map(([field, value]): [string, string] => [field, asText(value)]);
      const query = new URLSearchParams(pairs).toString();
      const url = `${filled}${filled.includes('?') ? '&' : '?'}${query}`;
      return { route, method, path: url, body: undefined };
    }
    const body = Object.fromEntries(values);
    return { route, method, path: filled, body: path.endsWith('/batch') ? [body] : body };
  }

  /** What the field may hold, somebody's id, or anything. */
  value(field: string): unknown {
    const { random, others, own, graphs, choose } = this.#given;
    const given = choose?.(field);
    if (given) return given.value;
    const chance = random.next();
    if (chance < 0.3) return this.anything(2);
    if (chance < 0.5) return random.pick(Object.values(others));
    if (field === 'assistant_id') return random.pick([graphs[0], others.assistant, own.assistant]);
    if (field === 'graph_id') return random.pick([...graphs, 'none']);
    if (field.endsWith('_ids') || field === 'ids')
      return [random.pick([others.thread, others.run, own.thread])];
    if (['metadata', 'values', 'filter', 'config'].includes(field)) {
      return random.pick([{ owner: 'alice' }, { open: true }, { owner: { $ne: 'bob' } }, {}]);
    }
    if (['limit', 'offset', 'version'].includes(field)) return random.pick([0, 1, 100, 2 ** 31, -1]);
    if (field === 'namespace' || field === 'prefix')
      return random.pick([['alice'], ['alice', 'notes'], ['..'], []]);
    if (field === 'if_exists') return 'do_nothing';
    if (field === 'if_not_exists') return 'create';
    if (field === 'method') return random.pick(RPC_METHODS);
    if (field === 'params') return this.#params();
    if (field === 'channels') return random.pick([['values'], ['lifecycle', 'messages'], []]);
    if (field === 'schedule') return random.pick(['0 0 1 1 *', '* * * * * *', 'never']);
    return this.anything(2);
  }

  anything(depth: number): unknown {
    const { random, others } = this.#given;
    const kind = random.between(0, depth === 0 ? 5 : 7);
    switch (kind) {
      case 0:
        return null;
      case 1:
        return random.pick([0, -1, 1e308, 0.5, 2 ** 53]);
      case 2:
        return random.next() < 0.5;
      case 3:
      case 4:
        return this.text();
      case 5:
        return random.pick(Object.values(others));
      case 6:
        return Array.from({ length: random.between(0, 3) }, () => this.anything(depth - 1));
      default:
        return { [this.text()]: this.anything(depth - 1), owner: 'alice' };
    }
  }

  text(): string {
    return this.#given.random.pick(TEXTS);
  }

  /** Of a command of protocol v2, a tool of MCP, or a message to an agent. */
  #params(): object {
    const { random, others, own, graphs } = this.#given;
    return {
      name: random.pick([others.assistant, graphs[0]]),
      arguments: { note: this.text() },
      _meta: { thread_id: random.pick([others.thread, own.thread]) },
      assistant_id: random.pick([others.assistant, graphs[0]]),
      input: this.anything(1),
      checkpoint_id: this.text(),
      id: random.pick([others.run, own.run]),
      message: {
        kind: 'message',
        messageId: this.text(),
        contextId: others.thread,
        role: 'user',
        parts: [{ kind: 'text', text: this.text() }],
      },
    };
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
