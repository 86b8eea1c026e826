/**
 * A server-sent event stream written by hand over the raw response: comment every 5 s from the first byte, one socket write per
 * batch, backpressure.
 *
 * Wire form: `event`, `data`, then `id`, lines ended by CRLF, as on the platform.
 *
 * Thousands are open at a time, most of them silent. So one holds little: no timer and no AbortSignal of its own.
 */
import type { NumberedRunEvent, RunEvent } from '@longrun/contracts';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { Closable } from './closable.js';
import { Heartbeats } from './heartbeats.js';

const HEARTBEAT = ': heartbeat\r\n\r\n';

/** Of all streams of this process. */
const heartbeats = new Heartbeats();

/** Frames with their ids, made once per event and shared by all its readers in this process. */
const framesWithId = new WeakMap<NumberedRunEvent, Buffer>();

function frame({ event, data }: RunEvent): string {
  return `event: ${event}\r\ndata: ${data}\r\n`;
}

function frameWithId(event: NumberedRunEvent): Buffer {
  let buffer = framesWithId.get(event);
  if (buffer === undefined) {
    buffer = Buffer.from(`${frame(event)}id: ${event.seq}\r\n\r\n`);
    framesWithId.set(event, buffer);
  }
  return buffer;
}

export class SseResponse extends Closable {
  readonly #raw: ServerResponse;

  /**
   * Sends the head at once.
   *
   * @param headers besides those that hooks have set on the reply (CORS)
   */
  constructor(reply: FastifyReply, headers: Record<string, string>) {
    super();
    reply.hijack();
    this.#raw = reply.raw;
    this.#raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...headers,
    });
    this.#raw.flushHeaders();
    this.#raw.socket?.setNoDelay(true);
    const close = (): void => {
      if (this.markClosed()) heartbeats.delete(this);
    };
    this.#raw.on('close', close);
    this.#raw.on('error', close);
    heartbeats.add(this);
  }

  /** For the heartbeats. */
  beat(): void {
    // Behind what a client does not take anyway it would say nothing, and pile up for as long as that client hangs.
    if (!this.#raw.writableNeedDrain) this.#raw.write(HEARTBEAT);
  }

  /**
   * Writes events in one piece. Resolves when the client can take more; until then nothing further is read for it.
   *
   * @param withIds whether the frames carry their numbers
   */
  async write(events: readonly NumberedRunEvent[], withIds: boolean): Promise<void> {
    if (events.length === 0 || this.isClosed) return;
    const chunk = withIds
      ? Buffer.concat(events.map(frameWithId))
      : events.map((event) => `${frame(event)}\r\n`).join('');
    if (!this.#raw.write(chunk)) await this.#drained();
  }

  /** Writes events whose numbers alone do not say where they belong: `under` comes before each. */
  async writeUnder(under: string, events: readonly NumberedRunEvent[]): Promise<void> {
    if (events.length === 0 || this.isClosed) return;
    const chunk = events.map((event) => `${frame(event)}id: ${under}${event.seq}\r\n\r\n`).join('');
    if (!this.#raw.write(chunk)) await this.#drained();
  }

  /** Writes frames that were made elsewhere. Resolves as `write`. */
  async writeFrames(frames: string): Promise<void> {
    if (!this.isClosed && !this.#raw.write(frames)) await this.#drained();
  }

  /** Writes one event that is not part of a log. */
  writeNotice(event: RunEvent): void {
    if (!this.isClosed) this.#raw.write(`${frame(event)}\r\n`);
  }

  /** Tells the client when to come back, for a process that stops. */
  writeRetry(ms: number): void {
    if (!this.isClosed) this.#raw.write(`retry: ${ms}\r\n\r\n`);
  }

  end(): void {
    heartbeats.delete(this);
    this.#raw.end();
  }

  #drained(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#raw.off('drain', done);
        stopListening();
        resolve();
      };
      const stopListening = this.onClose(done);
      this.#raw.once('drain', done);
    });
  }
}
