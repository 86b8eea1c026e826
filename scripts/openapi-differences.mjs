// Compares our /openapi.json with the facts of the platform's (apps/api/test/contract/platform-api.json: paths, fields, parameters,
// statuses). Each difference has to be justified below; one that is not, and a justification without a difference, is an error.

/** Sentences by what they justify. A difference is `<METHOD /path>: <what>`; `*` stands for any number of characters. */
const JUSTIFICATIONS = [
  {
    why: 'Described here, answered by both',
    text: 'What any route can answer (`default`), a body that is no JSON or a request that cannot be carried out (400), a resource that does not exist (404), a conflict (409), a field that is wrong (422), and a service behind the server that fails (502).',
    what: [
      '*: status default only here',
      '*: status 400 only here',
      '*: status 404 only here',
      '*: status 409 only here',
      '*: status 422 only here',
      '*: status 502 only here',
    ],
  },
  {
    why: 'Statuses that cannot happen',
    text: 'A search or a count that finds nothing is an empty answer, and an assistant is named by an id or by any name. To join a run that does not exist is a stream with `event: error`, as on the platform itself.',
    what: [
      'POST /assistants/count: status 404 only on the platform',
      'POST /assistants/search: status 404 only on the platform',
      'POST /runs/crons/count: status 404 only on the platform',
      'POST /threads/count: status 404 only on the platform',
      'GET /threads/{thread_id}/runs/{run_id}/stream: status 404 only on the platform',
      'GET /assistants/{assistant_id}/schemas: status 422 only on the platform',
    ],
  },
  {
    why: 'Answers without a body',
    text: 'The document says 200 with any content; the platform sends these, and clients expect them.',
    what: [
      'DELETE *: status 204 only here',
      'DELETE *: status 200 only on the platform',
      'DELETE *: content type application/json only on the platform',
      'PATCH /threads/{thread_id}: status 204 only here',
      'POST /threads/{thread_id}/runs/{run_id}/cancel: status 202 only here',
    ],
  },
  {
    why: 'Postgres away',
    text: 'Is 503, which asks clients to come back, also where it is asked after.',
    what: ['GET /ok: status 503 only here', 'GET /ok: status 500 only on the platform'],
  },
  {
    why: 'Newer than the document',
    text: 'Fields, parameters and routes of the newest official SDKs and of the platform as it is now.',
    what: [
      '*: field checkpoint_id only here',
      '*: field langsmith_tracer only here',
      '*: field strict_resume only here',
      '*: field of the answer cancel_reason only here',
      '*: field of the answer state_updated_at only here',
      '*: field of the answer ttl only here',
      '*: field of the answer error only here',
      '*: query parameter select only here',
      'POST /threads/*: field select only here',
      'POST /threads/search: field extract only here',
      'POST /threads/search: field of the answer extracted only here',
      '*: query parameter namespace only here',
      'GET /threads/{thread_id}: query parameter include only here',
      'PATCH /threads/{thread_id}: header Prefer only here',
      'POST /threads/{thread_id}/runs/{run_id}/cancel: query parameter reason only here',
      'POST /assistants/count: field name only here',
      'DELETE /assistants/{assistant_id}: query parameter delete_threads only here',
      'PUT /store/items: field index only here',
      'PUT /store/items: field ttl only here',
      'GET /store/items: query parameter refresh_ttl only here',
      'POST /store/items/search: field refresh_ttl only here',
      'GET /store/items: field of the answer score only here',
      'PATCH /runs/crons/{cron_id}: route only here',
      'PATCH /threads/{thread_id}/state: route only here',
      'GET /runs/{run_id}/stream: route only here',
      'POST /threads/prune: route only here',
      'POST /threads/{thread_id}/commands: route only here',
      'POST /threads/{thread_id}/stream/events: route only here',
      'GET /threads/{thread_id}/storage: route only here',
      'POST /ui/{assistant_id}: route only here',
      'GET /ui/{assistant_id}/{file}: route only here',
      'GET /.well-known/agent-card.json: route only here',
      'GET /docs: route only here',
      'GET /openapi.json: route only here',
      'POST /internal/truncate: route only here',
    ],
  },
  {
    why: 'Crons',
    text: 'Are changed, disabled and given a time zone by the newest SDKs, and take what their runs take.',
    what: [
      'POST *crons: field checkpoint_during only here',
      'POST *crons: field durability only here',
      'POST *crons: field enabled only here',
      'POST *crons: field multitask_strategy only here',
      'POST *crons: field on_run_completed only here',
      'POST *crons: field stream_mode only here',
      'POST *crons: field stream_resumable only here',
      'POST *crons: field stream_subgraphs only here',
      'POST *crons: field timezone only here',
      'POST /runs/crons/search: field enabled only here',
      'POST /runs/crons/search: field metadata only here',
      'POST /runs/crons/count: field enabled only here',
      'POST /runs/crons/count: field metadata only here',
      'POST *crons*: field of the answer on_run_completed only here',
      'POST *crons*: field of the answer timezone only here',
      'POST *crons*: field of the answer enabled only here',
      'POST *crons*: field of the answer last_error only here',
    ],
  },
  {
    why: 'What clients send',
    text: 'The document leaves out, or puts elsewhere, what the official clients send: the limits of a list of versions, the version in the body, the modes of a thread stream under the singular, parts of the history by a GET.',
    what: [
      'POST /assistants/{assistant_id}/versions: field limit only here',
      'POST /assistants/{assistant_id}/versions: field offset only here',
      'POST /assistants/{assistant_id}/versions: field metadata only here',
      'POST /assistants/{assistant_id}/latest: field version only here',
      'GET /threads/{thread_id}/stream: query parameter stream_mode only here',
      'GET /threads/{thread_id}/history: query parameter checkpoint only here',
      'GET /threads/{thread_id}/history: query parameter metadata only here',
    ],
  },
  {
    why: 'Refused by name, or named as ignored',
    text: 'Clients send these fields where they mean nothing, or what they ask for is not there: the description says so, and so does the answer.',
    what: [
      'POST /runs*: field checkpoint only here',
      'POST /runs*: field if_not_exists only here',
      'POST /runs*: field multitask_strategy only here',
      'POST /threads/{thread_id}/runs*: field on_completion only here',
    ],
  },
  {
    why: 'Not required here',
    text: 'Runs to cancel are named by id or by status, never by both. An item without a namespace is a 400 of its own.',
    what: [
      'POST /runs/cancel: required field * only on the platform',
      'PUT /store/items: required field namespace only on the platform',
    ],
  },
  {
    why: "Longrun's own",
    text: 'Not on the platform.',
    what: [
      '*: header Idempotency-Key only here',
      'POST *search: header Prefer only here',
      'GET /threads/{thread_id}/runs: header Prefer only here',
      '*: field priority only here',
      '*: field retry_policy only here',
      'POST /runs/cancel: field assistant_id only here',
      'POST /runs/cancel: field metadata only here',
      'POST /runs/requeue: route only here',
      'GET /runs/{run_id}/explain: route only here',
      'GET /health/live: route only here',
      'GET /health/ready: route only here',
      'GET /ready: route only here',
    ],
  },
  {
    why: 'Described more closely here',
    text: 'The document says any content where the answer is known.',
    what: [
      'POST /runs: field of the answer * only here',
      'POST /runs/batch: field of the answer * only here',
      'GET /assistants/{assistant_id}/graph: field of the answer * only here',
      'POST /store/namespaces: field of the answer namespaces only here',
    ],
  },
  {
    why: 'Otherwise here',
    text: 'A version of an assistant never changes, so it has no time of a change. The server runs LangGraph.js and says nothing of Python.',
    what: [
      'POST /assistants/{assistant_id}/versions: field of the answer updated_at only on the platform',
      'GET /info: field of the answer * only *',
    ],
  },
  {
    why: 'A2A',
    text: 'A method may stream, whatever Accept says; `jsonrpc` and `id` need not be sent, and failures are told as JSON-RPC errors.',
    what: [
      'POST /a2a/{assistant_id}: required field id only on the platform',
      'POST /a2a/{assistant_id}: required field jsonrpc only on the platform',
      'POST /a2a/{assistant_id}: header Accept only on the platform',
      'POST /a2a/{assistant_id}: status 500 only on the platform',
      'POST /a2a/{assistant_id}: content type text/event-stream only here',
    ],
  },
  {
    why: 'MCP',
    text: 'As its specification says: answers are streamed, Accept must allow it (406), and a session that cannot be ended is a 405.',
    what: [
      'DELETE /mcp: status 405 only here',
      'DELETE /mcp: status 404 only on the platform',
      'POST /mcp: header Accept only on the platform',
      'POST /mcp: status 406 only here',
      'POST /mcp: status 500 only on the platform',
      'POST /mcp: content type text/event-stream only here',
    ],
  },
];

/**
 * @param document our description
 * @param described facts of the platform's, by `METHOD /path`; a slash at the end means nothing
 * @returns every difference, sorted
 */
export function openApiDifferences(document, described) {
  const ours = factsOf(document);
  const platform = Object.fromEntries(
    Object.entries(described).map(([name, facts]) => [name.replace(/\/$/, ''), facts]),
  );
  const names = [...new Set([...Object.keys(ours), ...Object.keys(platform)])].sort();
  return names.flatMap((name) => {
    const [here, there] = [ours[name], platform[name]];
    if (!there) return [`${name}: route only here`];
    if (!here) return [`${name}: route only on the platform`];
    return Object.entries(KINDS).flatMap(([kind, label]) => [
      ...without(here[kind], there[kind]).map((one) => `${name}: ${label} ${one} only here`),
      ...without(there[kind], here[kind]).map((one) => `${name}: ${label} ${one} only on the platform`),
    ]);
  });
}

const KINDS = {
  body: 'field',
  required: 'required field',
  query: 'query parameter',
  headers: 'header',
  answers: 'status',
  types: 'content type',
  fields: 'field of the answer',
};

const without = (all = [], others = []) => all.filter((one) => !others.includes(one));

function factsOf({ paths, components }) {
  const resolve = (schema) => {
    if (schema?.$ref) return resolve(components.schemas[schema.$ref.split('/').at(-1)]);
    if (schema?.type === 'array') return resolve(schema.items);
    const other = schema?.anyOf?.find(({ type }) => type !== 'null');
    return other && !schema.properties ? resolve(other) : (schema ?? {});
  };
  const operations = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => [`${verb.toUpperCase()} ${path}`, operation]),
  );
  return Object.fromEntries(
    operations.map(([name, { parameters = [], requestBody, responses }]) => {
      const body = resolve(requestBody?.content['application/json']?.schema);
      const content = responses[200]?.content ?? {};
      const named = (place) => parameters.filter((one) => one.in === place).map((one) => one.name);
      return [
        name,
        {
          body: Object.keys(body.properties ?? {}),
          required: body.required ?? [],
          query: named('query'),
          headers: named('header'),
          answers: Object.keys(responses),
          types: Object.keys(content),
          fields: Object.keys(resolve(content['application/json']?.schema).properties ?? {}),
        },
      ];
    }),
  );
}

/** Lines of a list: each difference once, with its routes. */
function byWhat(differences) {
  const routes = new Map();
  for (const difference of differences) {
    const [, route, what] = /^(\S+ [^:]+): (.*)$/.exec(difference);
    routes.set(what, [...(routes.get(what) ?? []), `\`${route}\``]);
  }
  return [...routes].map(([what, where]) => `- ${what}: ${where.join(', ')}`);
}

const fits = (pattern, difference) =>
  new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`).test(difference);

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * The page, and what is wrong with the table.
 *
 * @param differences as found
 */
export function differencesPage(differences, notice) {
  const rows = JUSTIFICATIONS.map(({ why, text, what }) => ({
    heading: `## ${why}\n\n${text}`,
    found: differences.filter((difference) => what.some((pattern) => fits(pattern, difference))),
    idle: what.filter((pattern) => !differences.some((difference) => fits(pattern, difference))),
  }));
  const justified = new Set(rows.flatMap(({ found }) => found));
  const problems = [
    ...differences.filter((one) => !justified.has(one)).map((one) => `not justified: ${one}`),
    ...rows.flatMap(({ idle }) => idle.map((pattern) => `justified, but not there: ${pattern}`)),
  ];
  const sections = rows.map(({ heading, found }) => `${heading}\n\n${byWhat(found).join('\n')}`);
  const page = `# Differences from the platform's API description

<!-- ${notice} -->

\`GET /openapi.json\` compared with the OpenAPI document of the hosted platform (November 2025): routes, fields and parameters of requests,
statuses, content types and fields of answers. Every difference is listed with its reason (\`scripts/openapi-differences.mjs\`); one that is
not, and a reason without its difference, fails the check.

${sections.join('\n\n')}
`;
  return { page, problems };
}
