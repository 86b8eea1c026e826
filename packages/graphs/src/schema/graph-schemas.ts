/**
 * The shape of a graph for clients: JSON schemas of its state, input, output and configuration, those of its subgraphs, and
 * its drawing. Schemas come from the best source that has them: what the graph itself knows (zod and other schemas at run
 * time), else the TypeScript of its file, else the names of its channels.
 */
import { getRuntimeGraphSchema } from '@langchain/langgraph-api/schema';
import type { CompiledGraph, GraphInfo } from '../registry/graph-registry.js';
import { channelSchemas } from './channel-schemas.js';
import type { JsonSchema, Schemas } from './schemas.js';
import type { StaticSchemas } from './static-schemas.js';

/** What the schemas are wanted of. */
export interface DescribedGraph {
  graph: CompiledGraph;
  info: GraphInfo | undefined;
  staticSchemas: StaticSchemas;
}

/** Schemas of a graph. Never throws: a part that nothing is known of is null. */
export function graphSchemas(described: DescribedGraph): Promise<Schemas> {
  return schemasOf(described, described.graph, []);
}

/**
 * Schemas of the graphs inside a graph, by their names: `node`, with `recurse` also `node|node`.
 *
 * @param namespace only the subgraph of this name
 */
export async function subgraphSchemas(
  described: DescribedGraph,
  namespace: string | undefined,
  recurse: boolean,
): Promise<Record<string, Schemas>> {
  const schemas: Record<string, Schemas> = {};
  for await (const [name, subgraph] of described.graph.getSubgraphsAsync(namespace, recurse)) {
    schemas[name] = await schemasOf(described, subgraph as CompiledGraph, name.split('|'));
  }
  return schemas;
}

/**
 * Nodes and edges of a graph.
 *
 * @param xray whether subgraphs are drawn too; a number says down to which depth
 */
export async function drawGraph(graph: CompiledGraph, xray: boolean | number): Promise<unknown> {
  // The option is not part of the declared type.
  const options: Record<string, unknown> = { xray };
  const drawing = await graph.getGraphAsync(options);
  return drawing.toJSON();
}

async function schemasOf(
  { info, staticSchemas }: DescribedGraph,
  graph: CompiledGraph,
  path: readonly string[],
): Promise<Schemas> {
  const atRuntime = await getRuntimeGraphSchema(graph).catch(() => undefined);
  const needsFile = !isUseful(atRuntime?.state);
  const inFile = needsFile && info !== undefined ? await staticSchemas.of(info, path) : undefined;
  const ofChannels = channelSchemas(graph);
  const best = (part: 'state' | 'input' | 'output' | 'config'): JsonSchema | null => {
    const candidates = [atRuntime?.[part], inFile?.[part], ofChannels[part]] as (JsonSchema | undefined)[];
    return candidates.find(isUseful) ?? null;
  };
  // LangGraph.js has one type for both.
  const config = best('config');
  return { state: best('state'), input: best('input'), output: best('output'), config, context: config };
}

/** A schema that says nothing but its dialect is what is made of a type that could not be resolved. */
function isUseful(schema: unknown): schema is JsonSchema {
  return (
    typeof schema === 'object' && schema !== null && Object.keys(schema).some((key) => key !== '$schema')
  );
}
