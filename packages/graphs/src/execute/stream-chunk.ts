/**
 * What LangGraph streams.
 */

/** Namespace of the graph that sent it, mode, payload. */
export type StreamChunk = readonly [namespace: readonly string[], mode: string, payload: unknown];
