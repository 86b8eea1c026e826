/**
 * The tree of the graphs of a run, from what its events tell of them.
 */

/** Source: `AgentStatus` of `@langchain/protocol`. */
export type AgentStatus = 'started' | 'running' | 'completed' | 'failed' | 'interrupted';

export interface AgentTreeNode {
  namespace: readonly string[];
  status: AgentStatus;
  graph_name: string;
  children?: AgentTreeNode[];
}

export interface GraphNews {
  readonly namespace: readonly string[];
  readonly data: { readonly event: AgentStatus; readonly graph_name: string };
}

/**
 * @param news in their order, that of the root first; later ones about the same graph win
 */
export function treeOf(news: readonly GraphNews[]): AgentTreeNode {
  const nodes = new Map<string, AgentTreeNode>();
  for (const { namespace, data } of news) {
    const known = nodes.get(keyOf(namespace));
    if (known) known.status = data.event;
    else nodes.set(keyOf(namespace), { namespace, status: data.event, graph_name: data.graph_name });
  }
  const root = nodes.get('') ?? { namespace: [], status: 'started' as const, graph_name: '' };
  for (const node of nodes.values()) {
    if (node === root) continue;
    const parent = parentOf(node, nodes) ?? root;
    (parent.children ??= []).push(node);
  }
  return root;
}

/** The nearest graph around it: a node between them may be none. */
function parentOf(
  { namespace }: AgentTreeNode,
  nodes: ReadonlyMap<string, AgentTreeNode>,
): AgentTreeNode | undefined {
  for (let depth = namespace.length - 1; depth >= 0; depth -= 1) {
    const parent = nodes.get(keyOf(namespace.slice(0, depth)));
    if (parent) return parent;
  }
  return undefined;
}

function keyOf(namespace: readonly string[]): string {
  return namespace.join('|');
}
