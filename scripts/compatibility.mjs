// docs/compatibility.md: what the contract tests found (apps/api/test/contract/results.json), and the notes beside it.
const SECTIONS = {
  assistants: 'Assistants',
  threads: 'Threads',
  runs: 'Runs',
  crons: 'Crons',
  store: 'Store',
  other: 'The server itself',
};

/** Beside the first row of an endpoint. "In memory" is the development server of LangGraph.js. */
const NOTES = {
  'POST /assistants': 'A graph that is not served is a 404; in memory it is accepted.',
  'GET /assistants/{assistant_id}/schemas':
    'Graphs in JavaScript have schemas too: their channels; in memory they are a 500.',
  'GET /assistants/{assistant_id}/subgraphs':
    "Each schema has the names of the platform's document (`state_schema`) and those of the development server (`state`).",
  'POST /assistants/{assistant_id}/versions': 'A wrong id is a 404; an assistant always has a version.',
  'GET /threads/{thread_id}': 'An id that is no UUID is a 422; in memory a 400.',
  'POST /threads/search': 'Newest change first unless sorted otherwise; in memory newest first.',
  'POST /threads/prune': 'In memory a 404.',
  'POST /threads/{thread_id}/copy': 'With status, values and history; in memory status and values are lost.',
  'POST /threads/{thread_id}/state':
    'The values of a thread change only with a checkpoint; in memory a run without one wipes them.',
  'GET /threads/{thread_id}/stream': 'In memory a 404. `stream_mode` and `stream_modes` are the same.',
  'POST /threads/{thread_id}/commands':
    'Protocol v2, also over WebSocket: [protocol v2](protocol-v2.md). In memory its events last as long as the process.',
  'POST /threads/{thread_id}/runs':
    '`multitask_strategy` is `enqueue` by default and a conflict of `reject` a 409, as on the platform; in memory `reject` and 422. An unknown thread is a 404; in memory 422 or 500. `durability` and `checkpoint_during` are honoured; in memory ignored. Webhooks are JSON, signed and repeated; in memory text, and sent once.',
  'POST /threads/{thread_id}/runs/stream':
    'A heartbeat every 5 s and `Location`; in memory neither. Every log is kept: any number of readers get all of it, at any time; in memory two readers share the events between them. Only the modes that were asked for.',
  'POST /runs': 'Checkpointed while they last, so that they survive their worker; in memory they are not.',
  'POST /threads/{thread_id}/runs/wait': 'Leading line feeds every 5 s keep the connection.',
  'GET /threads/{thread_id}/runs': 'Newest first; in memory oldest first.',
  'POST /threads/{thread_id}/runs/{run_id}/cancel':
    '`wait=0` is answered at once with 202; in memory it waits, because `"0"` is taken for true. The graph is told by its signal.',
  'POST /runs/cancel': 'In memory a 404. Both `run_ids` and `status` are a 422.',
  'GET /threads/{thread_id}/runs/{run_id}/join': 'An unknown run is a 404; in memory a 200 with `__error__`.',
  'GET /threads/{thread_id}/runs/{run_id}/stream':
    'After the end of the run too, from any event on (`Last-Event-ID`); in memory nothing without `stream_resumable`.',
  'POST /runs/requeue': "Longrun's own.",
  'GET /runs/{run_id}/explain': "Longrun's own.",
  'POST /runs/crons':
    'In memory crons are not implemented. `timezone` works with every version that sends it.',
  'POST /ui/{assistant_id}':
    'Also by the id of an assistant; a component that does not exist is a 404. In memory only by the name of a graph, and never a 404.',
  'GET /ui/{assistant_id}/{file}': 'What the HTML refers to.',
  'GET /store/items': 'A missing item is `null` with 200.',
};

/** What is missed, by the first of its routes; those with an empty note belong to the one above them. */
const REST = `## Refused by name

A documented field that cannot be honoured is a 422 that names it, never ignored: \`feedback_keys\` and \`langsmith_tracer\`, which need a
commercial tracing service; on a run without a thread also \`checkpoint\` and \`checkpoint_id\`, since it begins on a new thread, which has
no checkpoints. \`null\`, \`false\` and an empty list count as not given.

Fields that are not documented are dropped and named in the header \`x-longrun-ignored-fields\`, and so are those that mean nothing to their
request: \`on_completion\` of a run on a thread, \`if_not_exists\` and \`multitask_strategy\` of a run without.

## What differs from the platform

- Ids of events are whole numbers from 0 without a gap; stateless streams have none unless \`stream_resumable\` is set.
- Streams close at their end without \`event: end\`, which some clients take for a fault; \`STREAM_END_EVENT=true\` sends it.
- \`on_disconnect\` is \`continue\` unless said otherwise.
- Errors are \`{"detail", "code"}\`; \`HTTP_ERROR_FORMAT=text\` sends the message alone, which clients written for the development server match on.

## What Longrun adds

Clients that do not know these lose nothing.

| addition | where |
| --- | --- |
| \`Idempotency-Key\`: a repeated request gives what the first one made | every POST that creates; [runs](runs.md) |
| \`priority\`, \`retry_policy\` | every request that creates a run; [runs](runs.md) |
| \`POST /runs/requeue\`, \`GET /runs/{run_id}/explain\` | [runs](runs.md) |
| \`assistant_id\`, \`metadata\` and \`thread_id\` beside \`status\` | \`POST /runs/cancel\` |
| \`cancel_reason\` that says who or what cancelled | runs |
| rollback that leaves no checkpoint, also by cancel | \`multitask_strategy\`, \`action\` |
| \`x-longrun-ignored-fields\` | every answer to a request with unknown fields |
| \`last_error\` | crons |
| \`STREAM_END_EVENT\`, \`HTTP_ERROR_FORMAT\`, \`RUN_LIMITS\` | [configuration](configuration.md) |
`;

/**
 * @param {Record<string, {endpoint: string, method: string | null, results: Record<string, string>}[]>} results
 * @param {string} notice
 */
export function compatibilityPage(found, notice) {
  const rows = Object.values(found).flat();
  const versions = [...new Set(rows.flatMap(({ results }) => Object.keys(results)))]
    .filter((version) => version !== 'fetch')
    .sort();
  const endpoints = new Set(rows.map(({ endpoint }) => endpoint));
  const stray = Object.keys(NOTES).filter((endpoint) => !endpoints.has(endpoint));
  if (stray.length > 0) throw new Error(`Notes on endpoints without a test: ${stray.join(', ')}`);
  const sections = Object.entries(found).map(
    ([section, its]) => `## ${SECTIONS[section]}\n\n${tableOf(its, versions)}`,
  );
  return `# Compatibility

<!-- ${notice} -->

What the official SDK \`@langchain/langgraph-sdk\` can do here, version by version, unmodified. The table is the result of the contract tests
(\`apps/api/test/contract\`): **passes** means that the method was called on a running system of api, worker, sweeper, Postgres and Redis,
that its answer had exactly the documented fields with the documented types, and that a second call saw its effect. **–** means that the
version has no such method or option. A run of the tests whose result is not this table fails. Version 2.0.0 is older than its number: it
has the content of 1.6.3.

${sections.join('\n\n')}

${REST}`;
}

function tableOf(rows, versions) {
  const noted = new Set();
  const lines = rows.map(({ endpoint, method, results }) => {
    const note = noted.has(endpoint) ? '' : (NOTES[endpoint] ?? '');
    noted.add(endpoint);
    const cells = versions.map((version) =>
      wordFor(method === null ? 'not in this version' : results[version]),
    );
    const client = method === null ? `none; over HTTP: ${wordFor(results.fetch)}` : `\`${method}\``;
    return `| \`${endpoint}\` | ${client} | ${cells.join(' | ')} | ${note} |`;
  });
  const head = ['endpoint', 'client', ...versions, 'note'];
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...lines].join('\n');
}

function wordFor(result) {
  return { passes: 'passes', fails: '**fails**', 'not in this version': '–' }[result] ?? '**not tested**';
}
