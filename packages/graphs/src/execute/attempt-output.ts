/**
 * What becomes of the stream of a graph: the stream modes of the Agent Server API, or protocol v2. Changes when a run can be recorded for
 * something else.
 */
import type { RunEvent, RunKwargs } from '@longrun/contracts';
import type { CompiledGraph } from '../registry/graph-registry.js';
import { toWireJson } from '../wire/serialise.js';
import { resumeMapOf } from './command.js';
import { openStream, type StreamItem } from './graph-stream.js';
import { ProtocolRecorder } from './protocol-recorder.js';
import { openProtocolStream, PROTOCOL_STREAM_OPTIONS, type LibraryEvent } from './protocol-stream.js';
import { StreamTranslator } from './stream-translator.js';

/** How the stream of a graph becomes events of the log. */
export interface AttemptOutput<Item> {
  /** What the graph is asked for. */
  options: { streamMode: string[]; subgraphs: boolean; version?: string };
  open(start: {
    graph: CompiledGraph;
    input: unknown;
    options: Record<string, unknown>;
  }): AsyncGenerator<Item>;
  /** What is to be told before the graph starts. */
  begin(): Iterable<RunEvent>;
  translate(item: Item): Iterable<RunEvent>;
  finish(): Iterable<RunEvent>;
  fail(error: unknown): Iterable<RunEvent>;
}

/** As the stream modes of the run. */
export function modesOutput(kwargs: RunKwargs, runId: string): AttemptOutput<StreamItem> {
  const translator = new StreamTranslator(kwargs.stream_mode, kwargs.subgraphs);
  const { libraryModes: streamMode, librarySubgraphs: subgraphs } = translator;
  const withEvents = kwargs.stream_mode.includes('events');
  return {
    options: { streamMode, subgraphs },
    open: (start) => openStream({ ...start, withEvents, runId, subgraphs }),
    translate: (item) =>
      'chunk' in item
        ? translator.translate(item.chunk)
        : [{ event: 'events', data: toWireJson(item.event) }],
    begin: () => [],
    finish: () => translator.finish(),
    fail: (error) => translator.fail(error),
  };
}

/**
 * As protocol v2.
 *
 * @param attempt from the second one on its answers have been told
 */
export function protocolOutput({ command }: RunKwargs, attempt: number): AttemptOutput<LibraryEvent> {
  const recorder = new ProtocolRecorder();
  return {
    options: PROTOCOL_STREAM_OPTIONS,
    open: openProtocolStream,
    begin: () => recorder.begin(command && attempt === 1 ? resumeMapOf(command) : undefined),
    translate: (event) => recorder.record(event),
    finish: () => recorder.finish(),
    fail: (error) => recorder.fail(error),
  };
}
