/**
 * The reader of streams, against a server that writes what the test says.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';

import { readSse } from './read-sse.js';
import type { SseEvent } from './read-sse.js';

let server: Server;

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function collect(stream: AsyncIterable<SseEvent>): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('reading a stream of events', () => {
  it('gives events, comments and retry hints as they are, however the bytes are cut', async () => {
    const bytes = Buffer.from(
      'id: 0\nevent: metadata\ndata: {"a":"ä"}\n\n: heartbeat\n\nid: 1\r\nevent: values\r\ndata: one\r\ndata: two\r\n\r\nretry: 500\n\ndata: unfinished',
    );
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const writeFrom = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 1), () => setImmediate(writeFrom, at + 1));
      };
      writeFrom(0);
    });
    expect(await collect(readSse(url))).toEqual([
      { id: '0', event: 'metadata', data: '{"a":"ä"}' },
      { id: undefined, event: '', data: '', comment: 'heartbeat' },
      { id: '1', event: 'values', data: 'one\ntwo' },
      { id: undefined, event: 'message', data: '', retry: 500 },
    ]);
  });

  it('sends the cursor and the body, and closes the connection when the reader stops', async () => {
    let asked: Record<string, unknown> = {};
    let closed: () => void = () => undefined;
    const connectionClosed = new Promise<void>((resolve) => (closed = resolve));
    const url = await serve((request, response) => {
      asked = { method: request.method, cursor: request.headers['last-event-id'] };
      response.on('close', closed);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 8\ndata: x\n\n');
    });
    for await (const event of readSse(url, { lastEventId: 7, body: {} })) {
      expect(event.id).toBe('8');
      break;
    }
    expect(asked).toEqual({ method: 'POST', cursor: '7' });
    await connectionClosed;
  });

  it('fails with status and body when the answer is no stream', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(404).end('no such run');
    });
    await expect(collect(readSse(url))).rejects.toThrow(/answered 404: no such run/);
  });
});
