/**
 * Streams the log of a run to one client.
 */
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  END_EVENT,
  ERROR_EVENT,
  isEventOfMode,
  isLongrunError,
  METADATA_EVENT,
  type NumberedRunEvent,
} from '@longrun/contracts';
import type { RunEventReader } from '@longrun/runs';
import { createDeliveryMetrics, type Registry } from '@longrun/service-kit';
import { inSpan, noteFailure, type Span } from '@longrun/telemetry';
import type { SseResponse } from '../http/sse-response.js';
import { ApiConfig } from '../config/api-config.js';
import { inStreamModes } from '../protocol/rest-record.js';
import { METRICS } from '../tokens.js';
import { DISCONNECTED, RunCancellation } from '../workers/run-cancellation.js';

/** How soon a client is asked to come back when this process stops. */
const RETRY_HINT_MS = 500;

export interface StreamOptions {
  runId: string;
  threadId: string;
  /** Whether frames carry their numbers, for `Last-Event-ID`. */
  withIds: boolean;
  /** Events of these modes only; all without. Errors and metadata always pass. */
  modes?: readonly string[] | undefined;
  /** Events of these graphs only, "" for the root, `node:id|node:id` for a subgraph, without those below; all without. */
  namespaces?: readonly string[] | undefined;
  /** The run is cancelled when the client goes before its end. */
  cancelOnDisconnect: boolean;
}

/** `closed` before the end of the run. */
type StreamState = 'open' | 'ended' | 'closed';

@Injectable()
export class RunStreamService implements BeforeApplicationShutdown {
  readonly #open = new Map<SseResponse, RunEventReader>();
  readonly #delivered: (ms: number) => void;

  constructor(
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(ApiConfig) private readonly config: ApiConfig,
    @Inject(METRICS) metrics: Registry,
  ) {
    this.#delivered = createDeliveryMetrics(metrics);
  }

  /** Streams open now. */
  get openCount(): number {
    return this.#open.size;
  }

  /**
   * Streams until the end record, or until the client or this process goes. Returns at once: whoever waited would hold the request, with
   * all that was made of it, for as long as the stream is open.
   */
  start(sse: SseResponse, reader: RunEventReader, options: StreamOptions): void {
    const attributes = { 'longrun.run.id': options.runId, 'gen_ai.conversation.id': options.threadId };
    void inSpan('stream', { attributes }, (span) => this.#stream(sse, reader, options, span));
  }

  /** Never rejects. */
  async #stream(sse: SseResponse, reader: RunEventReader, options: StreamOptions, span: Span): Promise<void> {
    this.#open.set(sse, reader);
    sse.onClose(() => reader.close());
    let state: StreamState = 'open';
    try {
      while (state === 'open') state = await this.#forward(sse, reader, options);
    } catch (error) {
      // What the client still lacks is gone: it is told, nothing is skipped in silence.
      const message = error instanceof Error ? error.message : String(error);
      noteFailure(error, span);
      const name = isLongrunError(error) ? 'RunNotFound' : 'StreamError';
      sse.writeNotice({ event: ERROR_EVENT, data: JSON.stringify({ error: name, message }) });
      state = 'ended';
    } finally {
      this.#open.delete(sse);
      reader.close();
      const clientLeft = sse.isClosed;
      span.setAttribute('longrun.stream.end', state === 'ended' ? 'run' : clientLeft ? 'client' : 'server');
      sse.end();
      if (state !== 'ended' && clientLeft && options.cancelOnDisconnect) {
        await this.cancellation.cancel(options.runId, options.threadId, DISCONNECTED).catch(() => null);
      }
    }
  }

  /** The next events. A function of its own: the variables of a loop would hold the last page while the run is silent. */
  async #forward(sse: SseResponse, reader: RunEventReader, options: StreamOptions): Promise<StreamState> {
    const events = await reader.next();
    if (events === null) return 'closed';
    const { heardAt } = reader;
    await sse.write(this.#visible(inStreamModes(events), options), options.withIds);
    if (heardAt !== undefined) this.#delivered(performance.now() - heardAt);
    return events.at(-1)?.event === END_EVENT ? 'ended' : 'open';
  }

  /** Reads until the run has ended or the client is gone. */
  async drain(reader: RunEventReader, clientGone: AbortSignal): Promise<void> {
    clientGone.addEventListener('abort', () => reader.close(), { once: true });
    if (clientGone.aborted) reader.close();
    try {
      while ((await reader.next()) !== null);
    } finally {
      reader.close();
    }
  }

  /** Lets every client know that it should come back, to this process's successor. */
  beforeApplicationShutdown(): void {
    for (const [sse, reader] of this.#open) {
      sse.writeRetry(RETRY_HINT_MS);
      reader.close();
    }
  }

  #visible(events: readonly NumberedRunEvent[], options: StreamOptions): readonly NumberedRunEvent[] {
    const { modes, namespaces } = options;
    const showEnd = this.config.STREAM_END_EVENT;
    if (!modes && !namespaces && (showEnd || events.at(-1)?.event !== END_EVENT)) return events;
    return events.filter(({ event }) => {
      if (event === END_EVENT) return showEnd;
      if (event === METADATA_EVENT || event === ERROR_EVENT) return true;
      if (namespaces && !namespaces.includes(namespaceOf(event))) return false;
      return !modes || modes.some((mode) => isRecordedAs(event, mode));
    });
  }
}

/** What stands behind the mode in the name of an event; empty for the root graph. */
function namespaceOf(event: string): string {
  const bar = event.indexOf('|');
  return bar < 0 ? '' : event.slice(bar + 1);
}

/** Two modes are sent under other names than their own. */
function isRecordedAs(event: string, mode: string): boolean {
  if (mode === 'messages') return event.startsWith('messages/');
  return isEventOfMode(event, mode === 'messages-tuple' ? 'messages' : mode);
}
