/**
 * From a request to what is stored of its run: defaults, and the order in which assistant, thread and run override each other.
 */
import type { Assistant, JsonObject, RunConfig, RunKwargs } from '@longrun/contracts';
import type { RunCreateDto } from './run-create.dto.js';

/** Request headers that graphs do not get to see. */
const HIDDEN_HEADERS = new Set(['x-api-key', 'x-tenant-id', 'x-service-key']);

/** Headers that become part of `configurable`: `x-*` and the user agent. */
export function configurableHeaders(headers: Record<string, string | string[] | undefined>): JsonObject {
  const visible: JsonObject = {};
  for (const [name, value] of Object.entries(headers)) {
    const isVisible = name === 'user-agent' || (name.startsWith('x-') && !HIDDEN_HEADERS.has(name));
    if (isVisible && typeof value === 'string') visible[name] = value;
  }
  return visible;
}

/** `over` wins; `configurable` is merged key by key. */
export function mergeConfig(under: RunConfig, over: RunConfig): RunConfig {
  const merged: RunConfig = { ...under, ...over };
  if (under.configurable ?? over.configurable) {
    merged.configurable = { ...under.configurable, ...over.configurable };
  }
  return merged;
}

export interface ResolvedRun {
  kwargs: RunKwargs;
  threadConfig: RunConfig;
  metadata: JsonObject;
}

/** What is stored, once the thread is known. Config: assistant ← thread ← run; metadata likewise. */
export function resolveRun(
  request: { dto: RunCreateDto; assistant: Assistant; headers: JsonObject; temporary: boolean },
  thread: { config: RunConfig; metadata: JsonObject },
): ResolvedRun {
  const { dto, assistant } = request;
  const own = withoutNulls(dto.config ?? {});
  const threadConfig = mergeConfig(thread.config, own);
  const config = mergeConfig(assistant.config, threadConfig);
  config.configurable = { ...request.headers, ...config.configurable };
  const context = { ...assistant.context, ...dto.context };
  const durability = dto.durability ?? durabilityOf(dto.checkpoint_during);
  const checkpoint = dto.checkpoint ?? (dto.checkpoint_id ? { checkpoint_id: dto.checkpoint_id } : null);
  const modes = dto.stream_mode && dto.stream_mode.length > 0 ? dto.stream_mode : (['values'] as const);
  const kwargs: RunKwargs = {
    ...(dto.input === undefined ? {} : { input: dto.input }),
    ...(dto.command ? { command: dto.command } : {}),
    config,
    ...(Object.keys(context).length > 0 ? { context } : {}),
    stream_mode: [...new Set(modes)],
    subgraphs: dto.stream_subgraphs ?? false,
    resumable: dto.stream_resumable ?? false,
    temporary: request.temporary,
    ...(dto.interrupt_before ? { interrupt_before: dto.interrupt_before } : {}),
    ...(dto.interrupt_after ? { interrupt_after: dto.interrupt_after } : {}),
    ...(checkpoint ? { checkpoint } : {}),
    ...(durability ? { durability } : {}),
  };
  return {
    kwargs,
    threadConfig,
    metadata: {
      ...assistant.metadata,
      ...thread.metadata,
      ...dto.metadata,
      assistant_id: assistant.assistant_id,
      graph_id: assistant.graph_id,
    },
  };
}

function durabilityOf(checkpointDuring: boolean | null | undefined): RunKwargs['durability'] {
  if (checkpointDuring === undefined || checkpointDuring === null) return undefined;
  return checkpointDuring ? 'async' : 'exit';
}

function withoutNulls(config: RunConfig): RunConfig {
  return Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== null && value !== undefined),
  );
}
