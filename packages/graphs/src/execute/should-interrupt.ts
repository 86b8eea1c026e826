/**
 * LangGraph's rule for breakpoints, which it does not export. Changes with LangGraph's `shouldInterrupt`.
 */
import type { Checkpoint } from '@langchain/langgraph-checkpoint';
import type { CompiledGraph } from '../registry/graph-registry.js';

/** Nodes to stop at; `*` is all but hidden ones. */
export type Breakpoints = '*' | readonly string[];

/** Whether a run stops at `checkpoint` because of a breakpoint on one of the `tasks`, by their nodes' names. */
export function shouldInterrupt(
  checkpoint: Checkpoint,
  breakpoints: Breakpoints,
  tasks: readonly string[],
  graph: CompiledGraph,
): boolean {
  const isHidden = (name: string): boolean =>
    (graph.nodes as Record<string, { tags?: string[] }>)[name]?.tags?.includes('langsmith:hidden') ?? false;
  const concerned = tasks.some((name) =>
    breakpoints === '*' ? !isHidden(name) : breakpoints.includes(name),
  );
  const seen = checkpoint.versions_seen['__interrupt__'] ?? {};
  // Versions are strings here, and '' is below every one.
  const updated = Object.entries(checkpoint.channel_versions).some(
    ([channel, version]) => String(version) > String(seen[channel] ?? ''),
  );
  return concerned && updated;
}
