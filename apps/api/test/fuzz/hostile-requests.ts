/**
 * Requests that no client would send: valid ones of which a part has been broken. The values that a route wants, values that nobody wants,
 * and below them bodies that are no JSON, paths that are none, headers that lie.
 */
import type { SeededRandom } from '@longrun/testing';
import type { GeneratedRequest } from './request-generator.js';

export interface RawRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** As it goes out; undefined: no body. */
  payload: Buffer | undefined;
}

const NESTED = 100_000;
const LONG = 'x'.repeat(100_000);

/** Good ones: a request gets somewhere only when most of it is right. */
const WANTED: Readonly<Record<string, readonly unknown[]>> = {
  assistant_id: ['steps', 'plain', 'chat', 'fails'],
  graph_id: ['steps'],
  schedule: ['0 0 1 1 *'],
  namespace: [['fuzz'], ['fuzz', 'deep']],
  prefix: [['fuzz']],
  namespace_prefix: [['fuzz']],
  key: ['k', 'k2'],
  value: [{ a: 1 }],
  version: [1],
  channels: [['values'], ['lifecycle', 'messages']],
  jsonrpc: ['2.0'],
  id: [1, 'one'],
  input: [{ ms: 1 }, { log: ['x'] }, null],
  stream_mode: ['values', ['updates', 'custom'], 'messages-tuple'],
  multitask_strategy: ['enqueue', 'reject', 'interrupt'],
  on_completion: ['delete', 'keep'],
  durability: ['sync', 'async', 'exit'],
  if_not_exists: ['create', 'reject'],
  if_exists: ['do_nothing', 'raise'],
  after_seconds: [0, 0.5, 3600],
  limit: [1, 10, '5'],
  offset: [0, 3],
  status: ['idle', 'all', 'pending'],
  sort_by: ['created_at', 'thread_id'],
  sort_order: ['asc', 'desc'],
  values: [{ ms: 1 }],
  config: [{ configurable: { a: 1 } }, { recursion_limit: 25, tags: ['t'] }],
  metadata: [{ a: 1 }, {}],
  ttl: [{ ttl: 60 }, { ttl: 60, strategy: 'keep_latest' }],
  timezone: ['Europe/Berlin'],
  webhook: ['/ok'],
};

/** Values that break what takes any JSON for something else. */
const UNWANTED: readonly unknown[] = [
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e21,
  0.1,
  '',
  ' ',
  'a\0b',
  '\ud83d',
  LONG,
  '9'.repeat(400),
  '1e999',
  '%00',
  '../../etc/passwd',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00.001Z',
  '-infinity',
  '2026-02-30',
  nested(300),
  JSON.parse('{"__proto__":{"polluted":true},"a":1}'),
  { constructor: { prototype: { polluted: true } }, toString: 1, hasOwnProperty: 1, length: -1 },
  { toJSON: 'x', then: 'y', valueOf: null },
  { 'a\nb': 1, 'ü😀': 2, '': 3, 'a.b[0]': 4, $eq: { $eq: 1 } },
  Array.from({ length: 1_500 }, (_, i) => i),
  [[[[]]]],
  [null],
  {},
  [],
  true,
  null,
];

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

/** Text of JSON, of something like it, and of none. */
const BODIES: readonly (string | Buffer)[] = [
  '',
  ' ',
  'null',
  '[]',
  '"text"',
  '1e999',
  'NaN',
  '{"a":1',
  '{"assistant_id":"steps","input":{"a":"',
  '\ufeff{}',
  '{} {}',
  "{'a':1}",
  '[{"assistant_id":"steps"},null,[],7]',
  `${'['.repeat(NESTED)}${']'.repeat(NESTED)}`,
  `{"assistant_id":"steps","graph_id":"steps","schedule":"0 0 1 1 *","key":"k","namespace":["fuzz"],"value":{"a":${'['.repeat(NESTED)}${']'.repeat(NESTED)}}}`,
  `{"assistant_id":"steps","input":${'{"a":'.repeat(NESTED)}1${'}'.repeat(NESTED)}}`,
  `{"metadata":${'{"a":'.repeat(3_000)}"\\u0000"${'}'.repeat(3_000)}}`,
  '{"assistant_id":"steps","input":{"n":1e999,"m":123456789012345678901234567890}}',
  '{"assistant_id":"steps","limit":1e999,"offset":-1e999}',
  '{"assistant_id":"steps","__proto__":{"input":{"ms":1}},"constructor":{"prototype":{"x":1}}}',
  '{"assistant_id":"steps","assistant_id":"plain","input":{"ms":1},"input":null}',
  '{"assistant_id":"steps","a\\nb":1,"\\u00fc\\ud83d\\ude00":2,"":3,"a,b: c\\r\\nset-cookie: x=1":4}',
  `{"assistant_id":"steps",${Array.from({ length: 3_000 }, (_, i) => `"unknown field ${String(i)}":1`).join(',')}}`,
  '{"assistant_id":"steps\\u0000"}',
  '{"metadata":{"\\ud800":1}}',
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.alloc(2_000, 0),
];

const CONTENT_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/json, application/json',
  'application/merge-patch+json',
  ';;;',
  ' ',
];

const SEGMENTS = [
  '%00',
  '%ZZ',
  '%ED%A0%80',
  '%C0%AF',
  '..%2f..%2f',
  '%2e%2e',
  '..',
  'not-a-uuid',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '0192f0c0-0000-7000-8000-000000000000',
  'a'.repeat(3_000),
  '%20',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  '-1',
  '*',
];

const QUERIES = [
  'limit=1e999&offset=99999999999999999999',
  'limit=1&limit=2&limit[]=3&limit[a]=4',
  '__proto__[x]=1&constructor[prototype][x]=1',
  '%00=%00&%ZZ=%',
  'stream_mode=%00&select=%00&select=__proto__',
  'last_event_id=1e9&cancel_on_disconnect=maybe&wait=maybe',
  `x=${'y'.repeat(6_000)}`,
  'a%0d%0ab=1&%F0%9F%98%80=2&%C3%BC=3',
  'namespace=%00&key=%00',
  'namespace=..&key=%2e%2e',
  '&&&==&=',
  'before=%00&subgraphs=%00&recurse=-1&xray=1e9',
];

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'last-event-id': '-1' },
  { 'last-event-id': '99999999999999999999' },
  { 'last-event-id': 'abc,def' },
  { 'last-event-id': '-2' },
  { 'idempotency-key': 'k'.repeat(256) },
  { 'idempotency-key': 'same' },
  { 'idempotency-key': '\u00fc\u00ff' },
  { prefer: 'count=exact' },
  { prefer: ','.repeat(2_000) },
  { accept: 'text/html, */*;q=nonsense' },
  { accept: 'application/xml' },
  { 'accept-encoding': '*;q=0' },
  { 'content-encoding': 'gzip' },
  { 'x-anything': '\u00ff\u00fe'.repeat(100) },
  { 'x-stream-mode': '__proto__', 'x-__proto__': '1', 'x-constructor': '2' },
  { 'x-auth-scheme': 'langsmith', 'x-api-key': 'lr_0123456789abcdef_x' },
  { authorization: 'Bearer' },
  { authorization: `Basic ${'='.repeat(1_000)}` },
  { origin: 'null' },
  { 'mcp-session-id': '../..', 'mcp-protocol-version': 'x' },
  { host: '%%%' },
  { host: 'a b' },
  { cookie: '='.repeat(4_000) },
  { 'x-forwarded-for': '\u00ff', 'x-forwarded-proto': 'javascript' },
  { traceparent: '00-zz-zz-zz', tracestate: '=,=' },
  { 'user-agent': '' },
];

const METHODS = ['OPTIONS', 'HEAD', 'TRACE', 'PURGE', 'PUT', 'PATCH'];

/** For `RequestGenerator`: mostly what the field wants. */
export function hostileChoice(random: SeededRandom): (field: string) => { value: unknown } | undefined {
  return (field) => {
    const chance = random.next();
    const wanted = WANTED[field];
    if (chance < 0.75 && wanted) return { value: random.pick(wanted) };
    // The pick of a null would look like nothing to pick from.
    return chance < 0.9 ? { value: UNWANTED[random.between(0, UNWANTED.length - 1)] } : undefined;
  };
}

/** Breaks none, one or several parts of a request. */
export function broken(random: SeededRandom, request: GeneratedRequest): RawRequest {
  const { body } = request;
  const raw: RawRequest = {
    method: request.method,
    path: request.path,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    payload: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  };
  const chance = (share: number): boolean => random.next() < share;
  if (chance(0.12)) raw.path = withBrokenSegment(random, raw.path);
  if (chance(0.1)) raw.path += `${raw.path.includes('?') ? '&' : '?'}${random.pick(QUERIES)}`;
  if (raw.payload !== undefined && chance(0.15)) raw.payload = Buffer.from(random.pick(BODIES));
  if (raw.payload !== undefined && chance(0.03)) {
    raw.payload = raw.payload.subarray(0, random.between(0, raw.payload.length));
  }
  if (raw.payload !== undefined && chance(0.06)) raw.headers['content-type'] = random.pick(CONTENT_TYPES);
  if (raw.payload === undefined && chance(0.05)) raw.payload = Buffer.from(random.pick(BODIES));
  if (chance(0.2)) Object.assign(raw.headers, random.pick(HEADERS));
  // A second time, to have them together.
  if (chance(0.1)) Object.assign(raw.headers, random.pick(HEADERS));
  if (chance(0.02)) raw.method = random.pick(METHODS);
  return raw;
}

/** One part of the path is replaced by what is no such part. */
function withBrokenSegment(random: SeededRandom, url: string): string {
  const [path = '', query] = url.split('?');
  const segments = path.split('/');
  segments[random.between(1, segments.length - 1)] = random.pick(SEGMENTS);
  return query === undefined ? segments.join('/') : `${segments.join('/')}?${query}`;
}
