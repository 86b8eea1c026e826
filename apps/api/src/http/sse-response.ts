/**
 * A server-sent event stream written by hand over the raw response: comment every 5 s from the first byte, one socket write per
 * batch, backpressure.
 *
 * Wire form: `event`, `data`, then `id`, lines ended by CRLF, as on the platform.
 */
import { SSE_HEARTBEAT_MS, type NumberedRunEvent, type RunEvent } from '@longrun/contracts';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

const HEARTBEAT = ': heartbeat\r\n\r\n';

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

export class SseResponse {
  readonly #raw: ServerResponse;
  readonly #closed = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /**
   * Sends the head at once.
   *
   * @param headers besides those that hooks have set on the reply (CORS)
   */
  constructor(reply: FastifyReply, headers: Record<string, string>) {
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
    this.#raw.on('close', () => this.#closed.abort());
    this.#raw.on('error', () => this.#closed.abort());
    this.#timer = setInterval(() => {
      // Behind what a client does not take anyway it would say nothing, and pile up for as long as that client hangs.
      if (!this.#raw.writableNeedDrain) this.#raw.write(HEARTBEAT);
    }, SSE_HEARTBEAT_MS);
    this.#raw.on('close', () => clearInterval(this.#timer));
  }

  /** Aborts when the client is gone or the stream has ended. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Writes events in one piece. Resolves when the client can take more; until then nothing further is read for it.
   *
   * @param withIds whether the frames carry their numbers
   */
  async write(events: readonly NumberedRunEvent[], withIds: boolean): Promise<void> {
    if (events.length === 0 || this.#closed.signal.aborted) return;
    const chunk = withIds
      ? Buffer.concat(events.map(frameWithId))
      : events.map((event) => `${frame(event)}\r\n`).join('');
    if (!this.#raw.write(chunk)) await this.#drained();
  }

  /** Writes events whose numbers alone do not say where they belong: `under` comes before each. */
  async writeUnder(under: string, events: readonly NumberedRunEvent[]): Promise<void> {
    if (events.length === 0 || this.#closed.signal.aborted) return;
    const chunk = events.map((event) => `${frame(event)}id: ${under}${event.seq}\r\n\r\n`).join('');
    if (!this.#raw.write(chunk)) await this.#drained();
  }

  /** Writes one event that is not part of a log. */
  writeNotice(event: RunEvent): void {
    if (!this.#closed.signal.aborted) this.#raw.write(`${frame(event)}\r\n`);
  }

  /** Tells the client when to come back, for a process that stops. */
  writeRetry(ms: number): void {
    if (!this.#closed.signal.aborted) this.#raw.write(`retry: ${ms}\r\n\r\n`);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#raw.end();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#raw.off('drain', done);
        this.#closed.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#raw.once('drain', done);
      this.#closed.signal.addEventListener('abort', done, { once: true });
      if (this.#closed.signal.aborted) done();
    });
  }
}
