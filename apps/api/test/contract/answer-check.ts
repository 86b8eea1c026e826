/**
 * Holds every answer that a test is given against the server's own description, `/openapi.json`: status, content type and body, without a
 * field too much. A request that was accepted must fit its description too.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Schema = Record<string, unknown>;

interface Content {
  [type: string]: { schema: Schema };
}

interface Operation {
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Any route may answer these, as its description says under `default`. */
const ANYWHERE = [400, 413, 415, 500, 503];

export class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<Schema, ValidateFunction>();
  readonly #pending = new Set<Promise<void>>();
  readonly #problems = new Set<string>();
  readonly #document: Document;
  readonly #url: string;
  #count = 0;

  private constructor(url: string, document: Document) {
    this.#url = url;
    this.#document = document;
    // Its default export is the function, which its types do not say.
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
  }

  /** Looks at every answer from now on that `fetch` gives from this server. */
  static async start(url: string): Promise<AnswerCheck> {
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
    const check = new AnswerCheck(url, document);
    const { fetch: original } = globalThis;
    globalThis.fetch = async (input, init) => {
      const response = await original(input, init);
      check.#look(input, init, response);
      return response;
    };
    return check;
  }

  /** Answers that were looked at. */
  get count(): number {
    return this.#count;
  }

  /** What does not fit, as sentences. */
  async problems(): Promise<string[]> {
    await Promise.all(this.#pending);
    return [...this.#problems];
  }

  #look(input: string | URL | Request, init: RequestInit | undefined, response: Response): void {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.startsWith(this.#url)) return;
    const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toLowerCase();
    const { pathname } = new URL(address);
    const found = this.#find(method, pathname);
    if (!found) {
      if (response.status !== 404) this.#problems.add(`${method} ${pathname} is not described`);
      return;
    }
    const [path, operation] = found;
    const name = `${method.toUpperCase()} ${path} ${response.status}`;
    const isAnywhere = ANYWHERE.includes(response.status);
    const described =
      operation.responses[response.status] ?? (isAnywhere ? operation.responses['default'] : undefined);
    this.#count += 1;
    if (!described) {
      this.#problems.add(`${name}: the status is not described`);
      return;
    }
    if (response.ok) this.#checkRequest(name, operation, init?.body);
    this.#checkAnswer(name, described.content ?? {}, response);
  }

  #checkRequest(name: string, operation: Operation, body: unknown): void {
    const content = operation.requestBody?.content['application/json'];
    if (!content || typeof body !== 'string') return;
    this.#validate(`${name} (its request)`, content.schema, JSON.parse(body), false);
  }

  #checkAnswer(name: string, content: Content, response: Response): void {
    const type = response.headers.get('content-type')?.split(';')[0];
    if (type === undefined) {
      if (Object.keys(content).length > 0) this.#problems.add(`${name}: has no content`);
      return;
    }
    const { schema } = content[type] ?? {};
    if (!schema) {
      this.#problems.add(`${name}: ${type} is not described`);
      return;
    }
    if (type !== 'application/json') return;
    const checked = response
      .clone()
      .text()
      .then((text) => this.#validate(name, schema, JSON.parse(text), true))
      .catch((error: unknown) => {
        // A client that went away has no answer.
        if (error instanceof SyntaxError) this.#problems.add(`${name}: ${error.message}`);
      });
    this.#pending.add(checked);
  }

  #validate(name: string, schema: Schema, value: unknown, isStrict: boolean): void {
    let validator = this.#validators.get(schema);
    if (!validator) {
      const { components } = this.#document;
      validator = this.#ajv.compile(
        isStrict ? withoutMore({ ...schema, components }) : { ...schema, components },
      );
      this.#validators.set(schema, validator);
    }
    if (validator(value)) return;
    for (const { instancePath, message, params } of validator.errors ?? []) {
      this.#problems.add(`${name}: ${instancePath} ${message} ${JSON.stringify(params)}`);
    }
  }

  /** A path without parameters before one with. */
  #find(method: string, pathname: string): [string, Operation] | undefined {
    const matching = Object.entries(this.#document.paths)
      .filter(
        ([path, verbs]) =>
          verbs[method] && new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
      )
      .sort(([a], [b]) => a.split('{').length - b.split('{').length);
    const [best] = matching;
    const operation = best?.[1][method];
    return best && operation ? [best[0], operation] : undefined;
  }
}

/** The same schema, by which an object may have no more than what is described. */
function withoutMore(schema: unknown): Schema {
  if (Array.isArray(schema)) return schema.map(withoutMore) as unknown as Schema;
  if (typeof schema !== 'object' || schema === null) return schema as Schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, withoutMore(value)] as const);
  const strict: Schema = Object.fromEntries(entries);
  const isClosed = strict['type'] === 'object' && strict['properties'] !== undefined;
  return isClosed && strict['additionalProperties'] === undefined
    ? { ...strict, additionalProperties: false }
    : strict;
}
