/**
 * Starting a graph and reading its output in one form, by `stream`, or by the slower `streamEvents` when a client
 * wants LangChain's events.
 */
import type { CompiledGraph } from '../registry/graph-registry.js';
import type { StreamChunk } from './stream-chunk.js';

/** A chunk of the graph, or an event of LangChain. */
export type StreamItem = { chunk: StreamChunk } | { event: unknown };

interface StreamRequest {
  graph: CompiledGraph;
  input: unknown;
  options: Record<string, unknown>;
  withEvents: boolean;
  runId: string;
  subgraphs: boolean;
}

/** The output of the graph, which starts with the first read. */
export function openStream(request: StreamRequest): AsyncGenerator<StreamItem> {
  return request.withEvents ? streamWithEvents(request) : stream(request);
}

async function* stream({ graph, input, options, subgraphs }: StreamRequest): AsyncGenerator<StreamItem> {
  const chunks = (await graph.stream(input, options)) as AsyncIterable<unknown>;
  for await (const chunk of chunks) yield { chunk: asChunk(chunk, subgraphs) };
}

interface LangChainEvent {
  event: string;
  run_id: string;
  tags?: string[];
  data: { chunk?: unknown };
}

async function* streamWithEvents(request: StreamRequest): AsyncGenerator<StreamItem> {
  const { graph, input, options, runId, subgraphs } = request;
  const events = graph.streamEvents(input, { ...options, version: 'v2' }) as AsyncIterable<LangChainEvent>;
  for await (const event of events) {
    if (event.tags?.includes('langsmith:hidden')) continue;
    if (event.event === 'on_chain_stream' && event.run_id === runId) {
      yield { chunk: asChunk(event.data.chunk, subgraphs) };
    } else {
      yield { event };
    }
  }
}

/** LangGraph leaves the namespace out when subgraphs are not streamed. */
function asChunk(chunk: unknown, subgraphs: boolean): StreamChunk {
  return subgraphs ? (chunk as StreamChunk) : ([[], ...(chunk as [string, unknown])] as StreamChunk);
}
