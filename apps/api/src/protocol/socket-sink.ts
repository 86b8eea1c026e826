/**
 * Events over a WebSocket, from one beginning of its stream to the next.
 */
import type { WebSocket } from '@fastify/websocket';
import { Closable } from '../http/closable.js';
import type { ProtocolEvent } from './protocol-event.js';
import type { ProtocolError } from './protocol-error.js';
import type { OpenSink } from './protocol-stream.service.js';
import type { ThreadPlace } from './thread-place.js';

interface SinkOwner {
  /** Whether the client still has to be sent the event. */
  isLacked(event: ProtocolEvent): boolean;
  passed(place: ThreadPlace): void;
  /** The stream has ended before its client wanted. */
  onFailure(refusal: ProtocolError | undefined): void;
}

export class SocketSink extends Closable implements OpenSink {
  constructor(
    private readonly socket: WebSocket,
    private readonly stream: SinkOwner,
  ) {
    super();
  }

  /** Resolves when the last of them has left for the network: until then nothing further is read. */
  async write(events: readonly ProtocolEvent[]): Promise<void> {
    if (this.isClosed) return;
    const lacked = events.filter((event) => this.stream.isLacked(event));
    const last = lacked.at(-1);
    if (last === undefined) return;
    for (const { json } of lacked.slice(0, -1)) this.socket.send(json);
    await new Promise<void>((resolve) => {
      const stopListening = this.onClose(resolve);
      this.socket.send(last.json, () => {
        stopListening();
        resolve();
      });
    });
  }

  passed(place: ThreadPlace): void {
    // What was read before a new beginning says nothing about the subscriptions that came with it.
    if (!this.isClosed) this.stream.passed(place);
  }

  tell({ code, message }: ProtocolError): void {
    if (!this.isClosed) this.socket.send(JSON.stringify({ type: 'error', id: null, error: code, message }));
  }

  /** Its client wants no more or is gone, or the stream begins elsewhere. */
  close(): void {
    this.markClosed();
  }

  end(refusal?: ProtocolError): void {
    if (this.markClosed()) this.stream.onFailure(refusal);
  }
}
