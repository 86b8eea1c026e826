/**
 * Starting a graph and reading its output as events of protocol v2, by LangGraph's own conversion: `streamEvents` with `version: 'v3'`, taken
 * apart. That method itself cannot be called on a graph that was bound to a checkpointer (it is private to the original), and it keeps every
 * event of the run in memory; only graphs with stream transformers of their own need that.
 */
import { convertToProtocolEvent, createGraphRunStream, STREAM_EVENTS_V3_MODES } from '@langchain/langgraph';
import type { CompiledGraph } from '../registry/graph-registry.js';
import type { StreamChunk } from './stream-chunk.js';

/** An event as LangGraph makes it; `lifecycle` comes only of graphs with transformers. */
export interface LibraryEvent {
  method: string;
  params: { namespace: readonly string[]; timestamp: number; node?: string; data: unknown };
}

interface ProtocolRequest {
  graph: CompiledGraph;
  input: unknown;
  options: Record<string, unknown>;
}

/** What the graph is to be asked for. */
export const PROTOCOL_STREAM_OPTIONS = {
  version: 'v3',
  streamMode: [...STREAM_EVENTS_V3_MODES] as string[],
  subgraphs: true,
} as const;

/** The events of the graph, which starts with the first read. */
export async function* openProtocolStream({
  graph,
  input,
  options,
}: ProtocolRequest): AsyncGenerator<LibraryEvent> {
  const chunks = (await graph.stream(input, options)) as unknown as AsyncIterable<StreamChunk>;
  const transformers = graph.streamTransformers ?? [];
  if (transformers.length > 0) {
    yield* createGraphRunStream(chunks as never, transformers) as AsyncIterable<LibraryEvent>;
    return;
  }
  for await (const [namespace, mode, payload] of chunks) {
    const converted = convertToProtocolEvent({
      namespace: [...namespace],
      mode: mode as never,
      payload,
      seq: 0,
    });
    yield* converted as Iterable<LibraryEvent>;
  }
}
