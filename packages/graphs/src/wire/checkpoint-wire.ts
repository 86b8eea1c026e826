/**
 * References to checkpoints, configs and tasks as clients see them: nothing of LangGraph's internals.
 */
import type { CheckpointRef, JsonObject } from '@longrun/contracts';

function configurable(config: unknown): JsonObject | undefined {
  if (typeof config !== 'object' || config === null || !('configurable' in config)) return undefined;
  const value = config.configurable;
  return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
}

/** The checkpoint that a config points to; null if it points to none. */
export function checkpointOfConfig(config: unknown): CheckpointRef | null {
  const reference = taskCheckpoint(config);
  return reference !== null && typeof reference.checkpoint_id === 'string'
    ? (reference as CheckpointRef)
    : null;
}

/** The checkpoint namespace of a subgraph that a config points to; its checkpoint may not be known. */
export function taskCheckpoint(
  config: unknown,
): (Omit<CheckpointRef, 'checkpoint_id'> & { checkpoint_id: string | null }) | null {
  const given = configurable(config);
  if (typeof given?.thread_id !== 'string') return null;
  return {
    thread_id: given.thread_id,
    checkpoint_id: typeof given.checkpoint_id === 'string' ? given.checkpoint_id : null,
    checkpoint_ns: typeof given.checkpoint_ns === 'string' ? given.checkpoint_ns : '',
    checkpoint_map: (given.checkpoint_map as JsonObject | undefined) ?? null,
  };
}

/** A config without callbacks and without LangGraph's `__` keys. */
export function publicConfig(config: unknown): unknown {
  const given = configurable(config);
  if (given === undefined) return config;
  const { callbacks: _callbacks, ...rest } = config as JsonObject;
  return {
    ...rest,
    configurable: Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith('__'))),
  };
}

/** A task of a stream: the config of its subgraph becomes a reference to a checkpoint. */
export function taskOnWire(task: unknown): unknown {
  if (typeof task !== 'object' || task === null || !('state' in task)) return task;
  const checkpoint = taskCheckpoint(task.state);
  if (checkpoint === null) return task;
  const { state: _state, ...rest } = task;
  return { ...rest, checkpoint };
}
