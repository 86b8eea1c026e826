/**
 * From a request to what is stored of its run: defaults, and the order in which assistant, thread and run override each other.
 */
import type { JsonObject, RunConfig, RunKwargs, RunProtocol } from '@longrun/contracts';
import type { RunnableAssistant } from './new-run.js';
import type { RunRequest } from './run-request.js';

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
  given: {
    request: RunRequest;
    assistant: RunnableAssistant;
    headers: JsonObject;
    identity: JsonObject;
    temporary: boolean;
    protocol?: RunProtocol | undefined;
  },
  thread: { config: RunConfig; metadata: JsonObject },
): ResolvedRun {
  const { request, assistant } = given;
  const own = withoutNulls(request.config ?? {});
  const threadConfig = mergeConfig(thread.config, own);
  const config = mergeConfig(assistant.config, threadConfig);
  const { langgraph_auth_user_id: userId } = given.identity;
  config.configurable = {
    ...(userId === undefined ? {} : { user_id: userId }),
    ...given.headers,
    ...config.configurable,
    ...given.identity,
  };
  const context = { ...assistant.context, ...request.context };
  const durability = request.durability ?? durabilityOf(request.checkpoint_during);
  const checkpoint =
    request.checkpoint ?? (request.checkpoint_id ? { checkpoint_id: request.checkpoint_id } : null);
  const modes =
    request.stream_mode && request.stream_mode.length > 0 ? request.stream_mode : (['values'] as const);
  const kwargs: RunKwargs = {
    ...(request.input === undefined ? {} : { input: request.input }),
    ...(request.command ? { command: request.command } : {}),
    config,
    ...(Object.keys(context).length > 0 ? { context } : {}),
    stream_mode: [...new Set(modes)],
    subgraphs: request.stream_subgraphs ?? false,
    resumable: request.stream_resumable ?? false,
    temporary: given.temporary,
    ...(request.interrupt_before ? { interrupt_before: request.interrupt_before } : {}),
    ...(request.interrupt_after ? { interrupt_after: request.interrupt_after } : {}),
    ...(checkpoint ? { checkpoint } : {}),
    ...(durability ? { durability } : {}),
    ...(request.strict_resume ? { strict_resume: true } : {}),
    ...(request.webhook ? { webhook: request.webhook } : {}),
    ...(request.retry_policy ? { retry_policy: request.retry_policy } : {}),
    ...(given.protocol ? { protocol: given.protocol } : {}),
  };
  return {
    kwargs,
    threadConfig,
    metadata: {
      ...assistant.metadata,
      ...thread.metadata,
      ...request.metadata,
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
