/**
 * The description of the API as OpenAPI 3.1: what handlers take is read from them and from the rules of their classes, what they answer
 * comes from `operations`. A route without an entry there, and an entry without a route, is an error.
 */
import type { Type } from '@nestjs/common';
import type { Operation, OperationGroup } from './operation.js';
import { ASSISTANT_OPERATIONS } from './operations/assistants.js';
import { CRON_OPERATIONS, STORE_OPERATIONS } from './operations/crons-and-store.js';
import { PROTOCOL_OPERATIONS } from './operations/protocol.js';
import { RUN_OPERATIONS } from './operations/runs.js';
import { A2A_OPERATIONS, MCP_OPERATIONS, SYSTEM_OPERATIONS, UI_OPERATIONS } from './operations/system.js';
import { THREAD_OPERATIONS } from './operations/threads.js';
import { bodySchema, querySchemas, type RequestClass } from './request-schemas.js';
import { RESOURCE_SCHEMAS } from './resource-schemas.js';
import { routesOf, type Route } from './routes.js';
import { ref, text, uuid, type JsonSchema } from './schema.js';

const GROUPS: readonly OperationGroup[] = [
  ASSISTANT_OPERATIONS,
  THREAD_OPERATIONS,
  RUN_OPERATIONS,
  PROTOCOL_OPERATIONS,
  CRON_OPERATIONS,
  STORE_OPERATIONS,
  SYSTEM_OPERATIONS,
  UI_OPERATIONS,
  MCP_OPERATIONS,
  A2A_OPERATIONS,
];

/** What a header is for, by its name in lower case. */
const HEADERS: Readonly<Record<string, { name: string; description: string }>> = {
  prefer: {
    name: 'Prefer',
    description: '`count=exact`: count everything that matches. `return=minimal`: no body.',
  },
  'last-event-id': { name: 'Last-Event-ID', description: 'The last event that the client has; -1 for none.' },
  'idempotency-key': {
    name: 'Idempotency-Key',
    description: 'The same key and request create one thing, however often they are sent.',
  },
};

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request cannot be carried out as it is.',
  401: 'The credentials were not accepted.',
  403: 'The caller may not do this.',
  404: 'What it names does not exist.',
  409: 'It contradicts what there is.',
  422: 'A field is wrong; the message names it.',
  502: 'A service behind the server failed.',
  503: 'Postgres does not answer.',
};

export interface DocumentOptions {
  /** Of the server. */
  version: string;
  /** How errors are answered: HTTP_ERROR_FORMAT. Default json. */
  errorFormat?: string;
  /** What `auth.openapi` of langgraph.json says, also nothing. Default: requests are not authenticated. */
  auth?: SecurityOptions | undefined;
}

interface SecurityOptions {
  security?: unknown;
  securitySchemes?: unknown;
}

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes?: unknown };
  security?: unknown;
}

export interface OperationObject {
  tags: string[];
  summary: string;
  operationId: string;
  parameters?: { name: string; in: string; required: boolean; description?: string; schema: JsonSchema }[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description: string; headers?: object; content?: Content }>;
  /** Empty: needs no credentials. */
  security?: [];
}

type Content = Record<string, { schema: JsonSchema }>;

/**
 * @param controllers that are served
 * @throws Error when a route is not described, or a rule of a field has no schema
 */
export function openApiDocument(
  controllers: readonly Type<unknown>[],
  options: DocumentOptions,
): OpenApiDocument {
  const routes = new Map(controllers.flatMap(routesOf).map((route) => [route.name, route]));
  const bodies = new Map<string, JsonSchema>();
  const paths: OpenApiDocument['paths'] = {};
  const tags: OpenApiDocument['tags'] = [];
  for (const { tag, description, operations } of GROUPS) {
    const served = Object.entries(operations).filter(([name]) => routes.has(name));
    if (served.length > 0) tags.push({ name: tag, description });
    for (const [name, operation] of served) {
      const route = routes.get(name);
      if (!route) continue;
      routes.delete(name);
      const described = operationObject(route, operation, tag, bodies, options);
      paths[route.path] = { ...paths[route.path], [route.method]: described };
    }
  }
  const missing = [...routes.keys()];
  if (missing.length > 0) throw new Error(`Not described in src/openapi/operations: ${missing.join(', ')}.`);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Longrun',
      version: options.version,
      description:
        'The Agent Server API. Fields that a request does not know are dropped and named in the header `x-longrun-ignored-fields`.',
    },
    tags,
    paths,
    components: {
      schemas: { ...RESOURCE_SCHEMAS, ...Object.fromEntries(bodies) },
      ...(options.auth?.securitySchemes ? { securitySchemes: options.auth.securitySchemes } : {}),
    },
    ...(options.auth?.security ? { security: options.auth.security } : {}),
  };
}

/** Entries of the tables that no controller serves. */
export function operationsWithoutRoute(controllers: readonly Type<unknown>[]): string[] {
  const routes = new Set(controllers.flatMap(routesOf).map(({ name }) => name));
  return GROUPS.flatMap(({ operations }) => Object.keys(operations)).filter((name) => !routes.has(name));
}

function operationObject(
  route: Route,
  operation: Operation,
  tag: string,
  bodies: Map<string, JsonSchema>,
  options: DocumentOptions,
): OperationObject {
  const named = (type: RequestClass): JsonSchema => {
    const name = type.name.replace(/Dto$/, '');
    bodies.set(name, bodySchema(type));
    return ref(name);
  };
  const body = operation.body?.(named) ?? (route.body ? named(route.body) : undefined);
  const parameters = parametersOf(route, operation);
  const isRequired = operation.body !== undefined || (route.body && 'required' in bodySchema(route.body));
  return {
    tags: [tag],
    summary: operation.summary,
    operationId: `${route.method}${route.path.replace(/[^A-Za-z0-9]+(\w?)/g, (_all, letter: string) => letter.toUpperCase())}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body
      ? { requestBody: { required: Boolean(isRequired), content: { 'application/json': { schema: body } } } }
      : {}),
    responses: responsesOf(route, operation, body !== undefined, options),
    ...(options.auth && route.isPublic ? { security: [] } : {}),
  };
}

function parametersOf(route: Route, operation: Operation): NonNullable<OperationObject['parameters']> {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: route.uuids.includes(name) ? uuid : text,
  }));
  const inQuery = route.query ? querySchemas(route.query).map((one) => ({ in: 'query', ...one })) : [];
  const names = [...route.headers, ...(operation.isIdempotent ? ['idempotency-key'] : [])];
  const headers = names.map((name) => {
    const header = HEADERS[name] ?? { name, description: '' };
    return { ...header, in: 'header', required: false, schema: text };
  });
  return [...inPath, ...inQuery, ...headers];
}

function responsesOf(
  route: Route,
  operation: Operation,
  hasBody: boolean,
  { errorFormat, auth }: DocumentOptions,
): OperationObject['responses'] {
  const error: Content =
    errorFormat === 'text'
      ? { 'text/plain': { schema: text } }
      : { 'application/json': { schema: ref('Error') } };
  const { answer, also = {}, errors = [] } = operation;
  const status = operation.status ?? route.status;
  const successes = Object.entries(also).map(
    ([code, other]) => [code, { description: other.description, ...contentOf(other.answer) }] as const,
  );
  const refusals = auth && !route.isPublic ? [401, 403] : [];
  const failures = [...new Set([...errors, ...(hasBody ? [400] : []), ...refusals])].map(
    (code) => [String(code), { description: MEANINGS[code] ?? '', content: error }] as const,
  );
  return {
    [status]: {
      description: answer === null ? 'Done.' : answer === 'stream' ? 'Server-sent events.' : 'The answer.',
      ...headersOf(operation),
      ...contentOf(answer, operation.types),
    },
    ...Object.fromEntries([...successes, ...failures]),
    default: { description: 'Any other error, by its code.', content: error },
  };
}

function contentOf(
  answer: Operation['answer'],
  types: readonly string[] = ['application/json'],
): { content?: Content } {
  if (answer === null) return {};
  if (answer === 'stream') return { content: { 'text/event-stream': { schema: text } } };
  return { content: Object.fromEntries(types.map((type) => [type, { schema: answer }])) };
}

function headersOf({ isPaged, namesRun }: Operation): { headers?: object } {
  const header = (description: string): object => ({ description, schema: text });
  if (isPaged) {
    return {
      headers: {
        'X-Pagination-Total': header('How many match; exact on the last page.'),
        'X-Pagination-Next': header('Offset of the next page, if there is one.'),
      },
    };
  }
  if (!namesRun) return {};
  return {
    headers: {
      'Content-Location': header('Path of the run.'),
      Location: header('Path under which its stream or its result can be had again.'),
    },
  };
}
