/**
 * The least that can be said of a graph: the names of its channels. For graphs written in JavaScript, whose types nothing
 * knows.
 */
import type { CompiledGraph } from '../registry/graph-registry.js';
import type { JsonSchema } from './schemas.js';

/** The builder's own record of its schemas; absent for graphs that were not made with a builder. */
interface Builder {
  _inputDefinition?: unknown;
  _schemaDefinitions?: Map<unknown, Record<string, unknown>>;
}

/** Objects whose properties are the channels; of a graph that takes or gives a single value, nothing is said. */
export function channelSchemas(graph: CompiledGraph): {
  state: JsonSchema | undefined;
  input: JsonSchema | undefined;
  output: JsonSchema | undefined;
  config: undefined;
} {
  const state = objectOf(graph.streamChannelsAsIs);
  const builder = 'builder' in graph ? (graph.builder as Builder | undefined) : undefined;
  const input = builder?._schemaDefinitions?.get(builder._inputDefinition);
  return {
    state,
    input: input === undefined ? objectOf(graph.inputChannels) : objectOf(Object.keys(input)),
    output: objectOf(graph.outputChannels),
    config: undefined,
  };
}

function objectOf(channels: unknown): JsonSchema | undefined {
  if (!Array.isArray(channels)) return undefined;
  const names = channels.map(String).filter((name) => !name.startsWith('__'));
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) };
}
