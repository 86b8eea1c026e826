/**
 * Readers of protocol v2 for its scenarios: the SDK's own, and one that reads the wire.
 */
import { PROTOCOL_CHANNELS } from '@longrun/contracts';
import { readSse, waitUntil } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { Client } from 'langgraph-sdk-1.15';
import { WebSocket } from 'ws';
import { apiUrl } from './support.js';

/** An event as it came, without a claim about its data. */
export interface WireEvent {
  type: string;
  event_id: string;
  seq: number;
  method: string;
  // The shapes of the data are what the tests are about.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  params: { namespace: string[]; timestamp: number; node?: string; data: any };
}

export function sdkOf(stack: TestStack, api = 0): Client {
  return new Client({ apiUrl: apiUrl(stack, api), apiKey: null });
}

/** A command over HTTP, with the answer as it came. */
export async function command(
  stack: TestStack,
  threadId: string,
  method: string,
  params: object = {},
  options: { api?: number; headers?: Record<string, string> } = {},
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
): Promise<any> {
  const response = await fetch(`${apiUrl(stack, options.api ?? 0)}/threads/${threadId}/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({ id: 7, method, params }),
  });
  return { http: response.status, ...((await response.json()) as object) };
}

/** The refusal of a command, and that it came with HTTP 200. */
export async function refusal(
  ...given: Parameters<typeof command>
): Promise<{ error: string; message: string }> {
  const answer = (await command(...given)) as { http: number; type: string; error: string; message: string };
  if (answer.http !== 200 || answer.type !== 'error')
    throw new Error(`Not refused: ${JSON.stringify(answer)}`);
  return answer;
}

export interface Following {
  readonly events: WireEvent[];
  /** Waits until the thread has come to so many ends. */
  ended(times?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Follows a thread over server-sent events, read by hand. */
export function follow(
  stack: TestStack,
  threadId: string,
  body: object = {},
  options: { api?: number; lastEventId?: string } = {},
): Following {
  const events: WireEvent[] = [];
  const stopping = new AbortController();
  const reading = (async () => {
    const url = `${apiUrl(stack, options.api ?? 0)}/threads/${threadId}/stream/events`;
    const { lastEventId } = options;
    const frames = readSse(url, {
      body: { channels: PROTOCOL_CHANNELS, ...body },
      signal: stopping.signal,
      ...(lastEventId === undefined ? {} : { lastEventId }),
    });
    for await (const { id, data, comment } of frames) {
      if (comment !== undefined) continue;
      const event = JSON.parse(data) as WireEvent;
      if (event.type === 'event' && event.event_id !== id) throw new Error(`${id} is not ${event.event_id}`);
      events.push(event);
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    events,
    ended: async (times = 1) => {
      await waitUntil(() => events.filter(isEnd).length >= times);
    },
    stop: async () => {
      stopping.abort();
      await reading;
    },
  };
}

/** The end of a run. */
export function isEnd({ method, params }: WireEvent): boolean {
  return method === 'lifecycle' && params.namespace.length === 0 && params.data.event !== 'running';
}

export const idsOf = (events: readonly WireEvent[]): string[] => events.map(({ event_id }) => event_id);

export function dataOf(events: readonly WireEvent[], method: string): WireEvent['params']['data'][] {
  return events.filter((event) => event.method === method).map(({ params }) => params.data);
}

/** A WebSocket of the protocol, read by hand. */
export class RawSocket {
  readonly events: WireEvent[] = [];
  readonly answers: RawAnswer[] = [];
  /** Everything that came, in its order. */
  readonly frames: (WireEvent | RawAnswer)[] = [];
  closed: { code: number; reason: string } | undefined;
  /** Status of an upgrade that was refused. */
  refusedWith: number | undefined;
  readonly #socket: WebSocket;
  #nextId = 1;

  constructor(
    stack: TestStack,
    threadId: string,
    options: { api?: number; headers?: Record<string, string> } = {},
  ) {
    const url = apiUrl(stack, options.api ?? 0).replace(/^http/, 'ws');
    this.#socket = new WebSocket(`${url}/threads/${threadId}/stream/events`, {
      headers: options.headers ?? {},
    });
    this.#socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as WireEvent | RawAnswer;
      this.frames.push(frame);
      if (frame.type === 'event') this.events.push(frame as WireEvent);
      else this.answers.push(frame as RawAnswer);
    });
    this.#socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    this.#socket.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode;
      this.#socket.terminate();
    });
    this.#socket.on('error', () => undefined);
  }

  async opened(): Promise<this> {
    await waitUntil(() => this.#socket.readyState === WebSocket.OPEN || this.closed !== undefined);
    return this;
  }

  /** Sends a command and waits for its answer. */
  async command(method: string, params: object = {}): Promise<RawAnswer> {
    const id = this.#nextId++;
    return this.send(JSON.stringify({ id, method, params }), id);
  }

  async send(text: string, id: number | null = null): Promise<RawAnswer> {
    const before = this.answers.length;
    this.#socket.send(text);
    const answer = await waitUntil(() => this.answers.slice(before).find((one) => one.id === id));
    return answer;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }
}

export interface RawAnswer {
  type: string;
  id: number | null;
  error?: string;
  message?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  result?: any;
}
