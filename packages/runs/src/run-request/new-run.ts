/**
 * From a request to the arguments of `RunStore.create`, for everybody who creates runs: the api for its clients, the sweeper for crons.
 */
import type { Assistant, JsonObject, RunProtocol } from '@longrun/contracts';
import type { CreateRunInput } from '../run-store/create-run-input.js';
import { resolveRun } from './resolve-run.js';
import { limitsOfRun, type RunLimit } from './run-limits.js';
import type { RunRequest } from './run-request.js';

/** What is needed of an assistant to run it. */
export type RunnableAssistant = Pick<
  Assistant,
  'assistant_id' | 'graph_id' | 'config' | 'context' | 'metadata'
>;

export interface NewRun {
  runId: string;
  /** An existing thread, or the id for the thread of a stateless run. */
  threadId: string;
  /** The run brings its own thread, which goes with it unless `on_completion` says `keep`. */
  isStateless: boolean;
  request: RunRequest;
  assistant: RunnableAssistant;
  /** See `CreateRunInput.assistantStamp`. */
  assistantStamp?: string;
  /** Becomes part of `configurable`, below everything that the request and the assistant say. */
  headers: JsonObject;
  /** What its log is recorded for. Default: the stream modes of the request. */
  protocol?: RunProtocol | undefined;
  /** Who asks for the run: becomes part of `configurable`, above everything that a request says. Default: nobody is known. */
  identity?: JsonObject;
  /** Limits of runs at a time. Default: none. */
  limits?: readonly RunLimit[];
}

/** The arguments of `RunStore.create` with the defaults of the wire. */
export function toCreateRunInput(run: NewRun): CreateRunInput {
  const { request, assistant, isStateless, headers, identity = {}, protocol } = run;
  const threadMetadata = { graph_id: assistant.graph_id, assistant_id: assistant.assistant_id };
  const keepThread = request.on_completion === 'keep' || request.on_completion === 'continue';
  const temporary = isStateless && !keepThread;
  return {
    runId: run.runId,
    threadId: run.threadId,
    assistantId: assistant.assistant_id,
    assistantStamp: run.assistantStamp,
    graphId: assistant.graph_id,
    multitaskStrategy: request.multitask_strategy ?? 'enqueue',
    ifThreadMissing: isStateless || request.if_not_exists === 'create' ? 'create' : 'reject',
    temporaryThread: temporary,
    afterSeconds: request.after_seconds ?? 0,
    priority: request.priority ?? 0,
    webhook: request.webhook ?? null,
    metadata: request.metadata ?? {},
    threadMetadata,
    newThreadMetadata: { ...request.metadata, ...threadMetadata },
    resolve: (thread) => {
      const resolved = resolveRun({ request, assistant, headers, identity, temporary, protocol }, thread);
      const { config } = resolved.kwargs;
      const counted = { assistantId: assistant.assistant_id, config, metadata: resolved.metadata };
      return { ...resolved, limits: limitsOfRun(run.limits ?? [], counted) };
    },
  };
}
