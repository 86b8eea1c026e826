/**
 * The options with which LangGraph executes a run. Changes with the fields of a run that reach the graph.
 */
import type { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type { BaseStore } from '@langchain/langgraph-checkpoint';
import type { RunControl } from '@langchain/langgraph';
import type { CheckpointSelector, JsonObject, RunKwargs } from '@longrun/contracts';

export interface RunIdentity {
  runId: string;
  threadId: string;
  graphId: string;
  assistantId: string;
  attempt: number;
  metadata: JsonObject;
}

const SELECTOR_KEY = /^checkpoint_(id|ns|map)$/;

/** The checkpoint that the run is to start from. Older clients name it in the configurable. */
export function selectorOf(kwargs: RunKwargs): CheckpointSelector {
  const given = Object.entries(kwargs.checkpoint ?? kwargs.config.configurable ?? {});
  return Object.fromEntries(
    given.filter(([key, value]) => SELECTOR_KEY.test(key) && value !== null && value !== undefined),
  );
}

/**
 * What the graph sees of its run: `config.configurable`. Keys of LangGraph's own (`__…`) are not taken from clients; a
 * selected checkpoint is for the beginning only, and added there.
 */
export function configurableOf(identity: RunIdentity, kwargs: RunKwargs): Record<string, unknown> {
  const given = Object.entries(kwargs.config.configurable ?? {}).filter(
    ([key]) => !key.startsWith('__') && !SELECTOR_KEY.test(key),
  );
  return {
    ...Object.fromEntries(given),
    run_id: identity.runId,
    thread_id: identity.threadId,
    graph_id: identity.graphId,
    assistant_id: identity.assistantId,
    run_attempt: identity.attempt,
  };
}

/** Options of `graph.stream`. Undefined options are left out: they would undo those bound to the graph. */
export function streamOptions(
  identity: RunIdentity,
  kwargs: RunKwargs,
  extra: {
    configurable: Record<string, unknown>;
    store: BaseStore;
    signal: AbortSignal;
    streamMode: string[];
    subgraphs: boolean;
    /** Form in which LangGraph streams. Default: that of its stream modes. */
    version?: string;
    control: RunControl | undefined;
    /** Told of what the graph does. */
    callbacks: BaseCallbackHandler[] | undefined;
  },
): Record<string, unknown> {
  const { config } = kwargs;
  const options = {
    ...extra,
    configurable: { ...configurableOf(identity, kwargs), ...extra.configurable },
    context: kwargs.context,
    tags: config.tags,
    recursionLimit: config.recursion_limit,
    maxConcurrency: config.max_concurrency,
    metadata: {
      ...(config.metadata as JsonObject | undefined),
      ...identity.metadata,
      run_attempt: identity.attempt,
    },
    runId: identity.runId,
    interruptBefore: kwargs.interrupt_before ?? undefined,
    interruptAfter: kwargs.interrupt_after ?? undefined,
    durability: kwargs.durability,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
