/**
 * Events of protocol v2 over server-sent events.
 */
import type { SseResponse } from '../http/sse-response.js';
import type { ProtocolEvent } from './protocol-event.js';
import type { ProtocolError } from './protocol-error.js';
import type { OpenSink } from './protocol-stream.service.js';

export class SseSink implements OpenSink {
  constructor(private readonly sse: SseResponse) {}

  get isClosed(): boolean {
    return this.sse.isClosed;
  }

  onClose(listener: () => void): () => void {
    return this.sse.onClose(listener);
  }

  write(events: readonly ProtocolEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    return this.sse.writeFrames(
      events.map(({ method, json, id }) => `event: ${method}\r\ndata: ${json}\r\nid: ${id}\r\n\r\n`).join(''),
    );
  }

  tell({ code, message }: ProtocolError): void {
    const data = JSON.stringify({ type: 'error', id: null, error: code, message });
    this.sse.writeNotice({ event: 'error', data });
  }

  end(): void {
    this.sse.end();
  }
}
