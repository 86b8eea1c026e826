/**
 * The shapes of the documented resources.
 */
import {
  anything,
  bool,
  either,
  integer,
  listOf,
  mapOf,
  nothing,
  object,
  oneOf,
  orNull,
  record,
  text,
  time,
  uuid,
} from './shape.js';

const assistantVersion = {
  assistant_id: uuid,
  graph_id: text,
  config: object,
  context: object,
  created_at: time,
  metadata: object,
  version: integer,
  name: text,
  description: orNull(text),
};
export const ASSISTANT_VERSION = record(assistantVersion);
export const ASSISTANT = record({ ...assistantVersion, updated_at: time });

const GRAPH_SCHEMA = {
  input_schema: orNull(object),
  output_schema: orNull(object),
  state_schema: orNull(object),
  config_schema: orNull(object),
  context_schema: orNull(object),
};
export const GRAPH_SCHEMAS = record({ graph_id: text, ...GRAPH_SCHEMA });
/** Under the names of the platform's document, and of the development server's. */
export const SUBGRAPH_SCHEMAS = mapOf(
  record({
    graph_id: text,
    ...GRAPH_SCHEMA,
    state: orNull(object),
    input: orNull(object),
    output: orNull(object),
    config: orNull(object),
    context: orNull(object),
  }),
);
export const DRAWING = record({
  nodes: listOf(record({ id: text, type: text, 'data?': anything })),
  edges: listOf(record({ source: text, target: text, 'conditional?': bool, 'data?': anything })),
});

const INTERRUPT = record({ id: text, value: anything });
const CHECKPOINT = record({
  thread_id: uuid,
  checkpoint_ns: text,
  checkpoint_id: text,
  'checkpoint_map?': orNull(object),
});

export const THREAD = record({
  thread_id: uuid,
  created_at: time,
  updated_at: time,
  state_updated_at: time,
  metadata: object,
  status: oneOf('idle', 'busy', 'interrupted', 'error'),
  config: object,
  values: orNull(object),
  interrupts: mapOf(listOf(INTERRUPT)),
  error: orNull(record({ error: text, message: text })),
});

export const THREAD_STATE = record({
  values: object,
  next: listOf(text),
  tasks: listOf(
    record({
      id: text,
      name: text,
      path: anything,
      error: orNull(anything),
      interrupts: listOf(INTERRUPT),
      checkpoint: orNull(object),
      state: anything,
      result: anything,
    }),
  ),
  metadata: object,
  created_at: time,
  checkpoint: CHECKPOINT,
  parent_checkpoint: orNull(CHECKPOINT),
  'interrupts?': listOf(INTERRUPT),
});
export const STATE_UPDATED = record({ checkpoint: CHECKPOINT });

export const RUN = record({
  run_id: uuid,
  thread_id: uuid,
  assistant_id: uuid,
  created_at: time,
  updated_at: time,
  status: oneOf('pending', 'running', 'success', 'error', 'timeout', 'interrupted'),
  metadata: object,
  kwargs: object,
  multitask_strategy: oneOf('reject', 'enqueue', 'interrupt', 'rollback'),
  cancel_reason: orNull(text),
});

/** As the SDK returns it: the times under two names. */
export const ITEM = record({
  namespace: listOf(text),
  key: text,
  value: object,
  created_at: time,
  updated_at: time,
  createdAt: time,
  updatedAt: time,
  'score?': anything,
});

export const CRON = record({
  cron_id: uuid,
  assistant_id: uuid,
  thread_id: either(nothing, uuid),
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
  last_error: orNull(anything),
});
