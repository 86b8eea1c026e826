/**
 * Random requests on all routes by somebody whose things they are not: nothing leaks, nothing breaks, nothing of the owner changes. The
 * seed is in the name of the test; FUZZ_SEED repeats another, FUZZ_REQUESTS sends more.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { clientAs, request, startAuthStack } from './auth-stack.js';
import { recordOfOwner, thingsOf, type Things } from './things.js';
import { pathOf } from './routes-of-things.js';

const SECRET = 'the secret of alice';
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1_500);
const AT_ONCE = 8;
/** A stream of one's own may stay open. */
const LONGEST_MS = 1_000;

/** Of protocol v2, MCP and A2A. */
const RPC_METHODS = [
  ...['run.start', 'input.respond', 'state.get', 'state.fork', 'state.listCheckpoints', 'agent.getTree'],
  ...['initialize', 'tools/list', 'tools/call', 'notifications/cancelled'],
  ...['message/send', 'message/stream', 'tasks/get', 'tasks/cancel', 'tasks/resubscribe'],
];

interface Route {
  method: string;
  path: string;
  fields: readonly string[];
}

/** Parts of `/openapi.json` that say what a request may hold. */
interface Described {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string; properties?: object } }> };
}

interface Description {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, { properties?: object }> };
}

/** Every route of the API with its fields. */
function routesOf({ paths, components }: Description): Route[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => {
      const [content] = Object.values(requestBody?.content ?? {});
      const { $ref, properties } = content?.schema ?? {};
      const named = $ref === undefined ? undefined : components.schemas[$ref.split('/').at(-1) ?? ''];
      const inQuery = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
      const inBody = Object.keys(named?.properties ?? properties ?? {});
      return {
        method: method.toUpperCase(),
        path: path.replace(/_id\}/g, '}'),
        fields: [...inQuery, ...inBody],
      };
    }),
  );
}

let routes: readonly Route[];
let stack: TestStack;
let hers: Things;
let own: Things;
beforeAll(async () => {
  stack = await startAuthStack();
  hers = await thingsOf(clientAs(stack, 'alice'), SECRET);
  own = await thingsOf(clientAs(stack, 'bob'), 'of bob');
  const { text } = await request(stack, null, 'GET', '/openapi.json');
  routes = routesOf(JSON.parse(text) as Description);
});
afterAll(() => stack.stop());

class Fuzz {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  request(): { method: string; path: string; body: unknown } {
    const { method, path, fields } = this.#random.pick(routes);
    const things = this.#random.pick([hers, hers, own]);
    const filled = pathOf({ method, path }, { ...things, ...(this.#random.next() < 0.2 ? own : {}) })
      .replace('{checkpoint}', () => this.#text())
      .replace('{namespace}', () => encodeURIComponent(this.#text()));
    const values = fields
      .filter(() => this.#random.next() < 0.5)
      .map((field) => [field, this.#value(field)] as const);
    if (method === 'GET' || (method === 'DELETE' && !path.startsWith('/store'))) {
      const query = new URLSearchParams(
        values.map(([field, value]): [string, string] => [field, asText(value)]),
      );
      return {
        method,
        path: `${filled}${filled.includes('?') ? '&' : '?'}${query.toString()}`,
        body: undefined,
      };
    }
    const body = Object.fromEntries(values);
    return { method, path: filled, body: path.endsWith('/batch') ? [body] : body };
  }

  /** Of a command of protocol v2, a tool of MCP, or a message to an agent. */
  #params(): object {
    return {
      name: this.#random.pick([hers.assistant, 'whoami']),
      arguments: { note: this.#text() },
      _meta: { thread_id: this.#random.pick([hers.thread, own.thread]) },
      assistant_id: this.#random.pick([hers.assistant, 'whoami']),
      input: this.#anything(1),
      checkpoint_id: this.#text(),
      id: this.#random.pick([hers.run, own.run]),
      message: {
        kind: 'message',
        messageId: this.#text(),
        contextId: hers.thread,
        role: 'user',
        parts: [{ kind: 'text', text: this.#text() }],
      },
    };
  }

  /** What the field may hold, somebody's id, or anything. */
  #value(field: string): unknown {
    const chance = this.#random.next();
    if (chance < 0.3) return this.#anything(2);
    if (chance < 0.5) return this.#random.pick(Object.values(hers));
    if (field === 'assistant_id') return this.#random.pick(['whoami', hers.assistant, own.assistant]);
    if (field === 'graph_id') return this.#random.pick(['whoami', 'steps', 'none']);
    if (field.endsWith('_ids') || field === 'ids')
      return [this.#random.pick([hers.thread, hers.run, own.thread])];
    if (['metadata', 'values', 'filter', 'config'].includes(field)) {
      return this.#random.pick([{ owner: 'alice' }, { open: true }, { owner: { $ne: 'bob' } }, {}]);
    }
    if (['limit', 'offset', 'version'].includes(field)) return this.#random.pick([0, 1, 100, 2 ** 31, -1]);
    if (field === 'namespace' || field === 'prefix')
      return this.#random.pick([['alice'], ['alice', 'notes'], ['..'], []]);
    if (field === 'if_exists') return 'do_nothing';
    if (field === 'if_not_exists') return 'create';
    if (field === 'method') return this.#random.pick(RPC_METHODS);
    if (field === 'params') return this.#params();
    if (field === 'channels') return this.#random.pick([['values'], ['lifecycle', 'messages'], []]);
    if (field === 'schedule') return this.#random.pick(['0 0 1 1 *', '* * * * * *', 'never']);
    return this.#anything(2);
  }

  #anything(depth: number): unknown {
    const kind = this.#random.between(0, depth === 0 ? 5 : 7);
    switch (kind) {
      case 0:
        return null;
      case 1:
        return this.#random.pick([0, -1, 1e308, 0.5, 2 ** 53]);
      case 2:
        return this.#random.next() < 0.5;
      case 3:
      case 4:
        return this.#text();
      case 5:
        return this.#random.pick(Object.values(hers));
      case 6:
        return Array.from({ length: this.#random.between(0, 3) }, () => this.#anything(depth - 1));
      default:
        return { [this.#text()]: this.#anything(depth - 1), owner: 'alice' };
    }
  }

  #text(): string {
    return this.#random.pick([
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
    ]);
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

describe('somebody who asks at random', () => {
  it(`learns nothing, breaks nothing and changes nothing that is not theirs (seed ${String(SEED)})`, async () => {
    const fuzz = new Fuzz(SEED);
    const before = await recordOfOwner(stack, 'alice');
    const statuses = new Map<number, number>();
    const wrong: unknown[] = [];
    let sent = 0;
    const send = async (): Promise<void> => {
      while (sent < REQUESTS) {
        sent += 1;
        const { method, path, body } = fuzz.request();
        const signal = AbortSignal.timeout(LONGEST_MS);
        const answer = await request(stack, 'bob', method, path, { body, signal }).catch(() => null);
        if (!answer) continue;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status >= 500 || answer.text.includes(SECRET))
          wrong.push({ method, path, body, ...answer });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    expect(wrong).toEqual([]);
    expect(await recordOfOwner(stack, 'alice')).toEqual(before);
    // Otherwise it proves little: requests have to get through too.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 50);
    expect(statuses.get(404)).toBeGreaterThan(REQUESTS / 50);
  });
});
