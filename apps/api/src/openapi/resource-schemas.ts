/**
 * The resources that the API answers with. What they are in TypeScript is in `packages/contracts/src/wire.ts`; that answers have these
 * shapes is tested with everything that the contract tests are answered (`apps/api/test/contract`).
 */
import {
  ERROR_CODES,
  MULTITASK_STRATEGIES,
  RUN_STATUSES,
  STREAM_MODES,
  THREAD_STATUSES,
} from '@longrun/contracts';
import {
  anything,
  bool,
  integer,
  listOf,
  mapOf,
  object,
  oneOf,
  orNull,
  record,
  ref,
  text,
  time,
  uuid,
  type JsonSchema,
} from './schema.js';

const assistantVersion = {
  assistant_id: uuid,
  graph_id: text,
  config: ref('Config'),
  context: object,
  created_at: time,
  metadata: object,
  version: integer,
  name: text,
  description: orNull(text),
};

const graphSchemas = {
  graph_id: text,
  input_schema: orNull(object),
  output_schema: orNull(object),
  state_schema: orNull(object),
  config_schema: orNull(object),
  context_schema: orNull(object),
};

const thread = {
  thread_id: uuid,
  created_at: time,
  updated_at: time,
  state_updated_at: time,
  metadata: object,
  status: oneOf(...THREAD_STATUSES),
  config: ref('Config'),
  values: anything,
  interrupts: mapOf(listOf(ref('Interrupt'))),
  error: orNull(ref('GraphError')),
};

const threadState = {
  values: anything,
  next: listOf(text),
  tasks: listOf(ref('ThreadTask')),
  metadata: orNull(object),
  created_at: orNull(time),
  checkpoint: orNull(ref('Checkpoint')),
  parent_checkpoint: orNull(ref('Checkpoint')),
  'interrupts?': listOf(ref('Interrupt')),
};

const RESOURCES: Readonly<Record<string, JsonSchema>> = {
  Error: record(
    {
      detail: { type: 'string', description: 'What happened, which field, and the remedy.' },
      code: oneOf(...Object.keys(ERROR_CODES)),
    },
    'With HTTP_ERROR_FORMAT=text the message alone, as plain text.',
  ),
  Config: {
    type: 'object',
    properties: { tags: listOf(text), recursion_limit: integer, configurable: object },
    additionalProperties: true,
  },
  GraphError: record({ error: text, message: text }, 'A failure of a graph.'),
  Interrupt: {
    ...record({ 'id?': text, value: anything }, 'An open question of a graph that paused.'),
    additionalProperties: true,
  },
  Checkpoint: record({
    thread_id: uuid,
    checkpoint_ns: text,
    checkpoint_id: text,
    'checkpoint_map?': orNull(object),
  }),
  Assistant: record({ ...assistantVersion, updated_at: time }),
  AssistantVersion: record(assistantVersion),
  GraphSchemas: record(graphSchemas),
  SubgraphSchemas: record(
    {
      ...graphSchemas,
      state: orNull(object),
      input: orNull(object),
      output: orNull(object),
      config: orNull(object),
      context: orNull(object),
    },
    'Each schema under two names.',
  ),
  Drawing: record({
    nodes: listOf({
      ...record({ id: anything, 'type?': text, 'data?': anything }),
      additionalProperties: true,
    }),
    edges: listOf({ ...record({ source: anything, target: anything }), additionalProperties: true }),
  }),
  Thread: record({
    ...thread,
    'ttl?': orNull(record({ strategy: text, ttl_minutes: { type: 'number' }, expires_at: time })),
  }),
  FoundThread: {
    ...record({ ...thread, 'extracted?': object }),
    required: [],
    description: 'A thread, or the fields of it that were selected.',
  },
  ThreadTask: record({
    id: text,
    name: text,
    'path?': anything,
    error: anything,
    interrupts: listOf(ref('Interrupt')),
    checkpoint: orNull(object),
    state: anything,
    result: anything,
  }),
  ThreadState: record(threadState),
  ThreadStorage: record(
    {
      channels: mapOf({ type: 'number' }),
      checkpoints: { type: 'number' },
      writes: { type: 'number' },
      events: { type: 'number' },
      total: { type: 'number' },
    },
    'Bytes.',
  ),
  RunKwargs: {
    ...record(
      {
        'input?': anything,
        'command?': anything,
        config: ref('Config'),
        'context?': object,
        stream_mode: listOf(oneOf(...STREAM_MODES)),
        subgraphs: bool,
        resumable: bool,
        temporary: bool,
      },
      'What the run was asked to do.',
    ),
    additionalProperties: true,
  },
  Run: record({
    run_id: uuid,
    thread_id: uuid,
    assistant_id: uuid,
    created_at: time,
    updated_at: time,
    status: oneOf(...RUN_STATUSES),
    metadata: object,
    kwargs: ref('RunKwargs'),
    multitask_strategy: oneOf(...MULTITASK_STRATEGIES),
    cancel_reason: orNull(text),
  }),
  RunExplanation: {
    ...record({
      run_id: uuid,
      thread_id: uuid,
      status: oneOf(...RUN_STATUSES),
      attempt: integer,
      crashes: integer,
      retries: integer,
      error: anything,
      now: { type: 'string', description: 'What it does now, or what it waits for.' },
      timeline: listOf({ ...record({ at: text, what: text }), additionalProperties: true }),
      events: record({ count: integer, pruned: bool }),
      webhooks: anything,
    }),
  },
  RunResult: {
    description:
      'The values that the run has left. A failure is `{"__error__": {error, message}}`, a question `{"__interrupt__": […]}`: the head was sent long before. Line feeds may come first.',
  },
  Cron: record({
    cron_id: uuid,
    assistant_id: uuid,
    thread_id: orNull(uuid),
    on_run_completed: oneOf('delete', 'keep'),
    end_time: orNull(time),
    schedule: text,
    timezone: orNull(text),
    created_at: time,
    updated_at: time,
    payload: object,
    user_id: orNull(text),
    next_run_date: orNull(time),
    metadata: object,
    enabled: bool,
    last_error: orNull(record({ at: time, error: text, message: text })),
  }),
  Item: record({
    namespace: listOf(text),
    key: text,
    value: object,
    created_at: time,
    updated_at: time,
    'score?': { type: 'number', description: 'How well it fits the query; larger is better.' },
  }),
};

/** Resources of which a client may select fields. */
const PARTS: Readonly<Record<string, string>> = {
  AssistantPart: 'Assistant',
  ThreadStatePart: 'ThreadState',
  RunPart: 'Run',
  CronPart: 'Cron',
};

/** The schemas of `components`, by name. */
export const RESOURCE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ...RESOURCES,
  ...Object.fromEntries(
    Object.entries(PARTS).map(([name, whole]) => [
      name,
      { ...RESOURCES[whole], description: 'Whole, or the fields that were selected.', required: [] },
    ]),
  ),
};
