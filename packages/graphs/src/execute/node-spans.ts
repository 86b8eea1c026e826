/**
 * A span per node of a graph, from the callbacks of LangChain: `node`, below the attempt, and in a subgraph below the node that called it. Only
 * for attempts that are traced: callbacks are not free.
 */
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { beginSpan, isTraced, noteFailure, type OpenSpan } from '@longrun/telemetry';

/** What LangGraph says of a node in the metadata of its callbacks. */
interface NodeMetadata {
  langgraph_node?: string;
  langgraph_step?: number;
  langgraph_checkpoint_ns?: string;
}

/** An interrupt or a jump out of a subgraph: LangGraph throws them, and they are no failures. */
const CONTROL_FLOW = /^(GraphInterrupt|NodeInterrupt|ParentCommand|GraphBubbleUp)$/;

export class NodeSpans extends BaseCallbackHandler {
  readonly name = 'longrun_node_spans';
  /** Otherwise they are told later, and a span would not begin when its node does. */
  override awaitHandlers = true;
  /** By the run id of LangChain, of which each node and each part of it has one: the span that it belongs to. */
  readonly #spans = new Map<string, OpenSpan>();
  /** Those that are nodes themselves. */
  readonly #nodes = new Set<string>();

  override handleChainStart(
    ...[, , runId, parentRunId, tags, metadata, , name]: Parameters<
      NonNullable<BaseCallbackHandler['handleChainStart']>
    >
  ): void {
    const parent = parentRunId === undefined ? undefined : this.#spans.get(parentRunId);
    const {
      langgraph_node: node,
      langgraph_step: step,
      langgraph_checkpoint_ns: ns,
    } = (metadata ?? {}) as NodeMetadata;
    const isStep = tags?.some((tag) => tag.startsWith('graph:step:')) === true;
    // `__start__` is LangGraph's own.
    if (node === undefined || name !== node || !isStep || node.startsWith('__')) {
      if (parent) this.#spans.set(runId, parent);
      return;
    }
    const attributes = {
      'longrun.node.name': node,
      ...(step === undefined ? {} : { 'longrun.node.step': step }),
      // Of the root it is the node itself.
      ...(ns?.includes('|') === true ? { 'longrun.node.namespace': ns } : {}),
    };
    this.#spans.set(runId, beginSpan(`node ${node}`, { attributes }, parent));
    this.#nodes.add(runId);
  }

  override handleChainEnd(_outputs: unknown, runId: string): void {
    this.#end(runId);
  }

  override handleChainError(error: unknown, runId: string): void {
    const isFailure = !(error instanceof Error && CONTROL_FLOW.test(error.name));
    this.#end(runId, isFailure ? error : undefined);
  }

  /** Ends what a graph that was left has open. */
  close(): void {
    for (const runId of [...this.#nodes]) this.#end(runId);
    this.#spans.clear();
  }

  #end(runId: string, error?: unknown): void {
    const open = this.#spans.get(runId);
    this.#spans.delete(runId);
    if (!open || !this.#nodes.delete(runId)) return;
    if (error !== undefined) noteFailure(error, open.span);
    open.span.end();
  }
}

/** Undefined when the attempt is not traced. */
export function nodeSpans(): NodeSpans | undefined {
  return isTraced() ? new NodeSpans() : undefined;
}
