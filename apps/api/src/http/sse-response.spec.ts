import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { SseResponse } from './sse-response.js';

/** More than the kernel buffers of both ends of a connection can take. */
const TOO_MUCH = 'x'.repeat(32 * 1024 * 1024);

describe('SseResponse', () => {
  const app = fastify({ forceCloseConnections: true });
  const sockets: Socket[] = [];
  let opened: (sse: SseResponse) => void = () => undefined;

  beforeAll(async () => {
    app.get('/', (_request, reply) => {
      void reply.header('access-control-allow-origin', '*');
      opened(new SseResponse(reply, { 'content-location': '/runs/1' }));
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  afterAll(() => app.close());

  /** A client that has sent its request and reads nothing until it is told to. */
  const open = async (): Promise<{ sse: SseResponse; socket: Socket }> => {
    const arrived = new Promise<SseResponse>((resolve) => (opened = resolve));
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n');
    return { sse: await arrived, socket };
  };

  const readAll = async (socket: Socket): Promise<string> => {
    let text = '';
    socket
      .setEncoding('utf8')
      .on('data', (part: string) => (text += part))
      .resume();
    await once(socket, 'close');
    return text;
  };

  it('writes event, data and id in lines that end with CRLF, and the headers of hooks and caller', async () => {
    const { sse, socket } = await open();
    await sse.write(
      [
        { seq: 0, event: 'metadata', data: '{"a":1}' },
        { seq: 1, event: 'values', data: '2' },
      ],
      true,
    );
    await sse.write([{ seq: 2, event: 'values', data: '"é"' }], false);
    sse.writeNotice({ event: 'error', data: '{}' });
    sse.writeRetry(500);
    sse.end();
    const [head = '', body] = (await readAll(socket)).split(/\r\n\r\n([\s\S]*)/);
    expect(body).toBe(
      'event: metadata\r\ndata: {"a":1}\r\nid: 0\r\n\r\nevent: values\r\ndata: 2\r\nid: 1\r\n\r\n' +
        'event: values\r\ndata: "é"\r\n\r\nevent: error\r\ndata: {}\r\n\r\nretry: 500\r\n\r\n',
    );
    expect(head.toLowerCase()).toMatch(/content-type: text\/event-stream; charset=utf-8/);
    expect(head.toLowerCase()).toMatch(/access-control-allow-origin: \*[\s\S]*content-location: \/runs\/1/);
  });

  it('sends heartbeats, but none to a client that does not take what it has: they would pile up', async () => {
    const { sse, socket } = await open();
    sse.beat();
    const writing = sse.write([{ seq: 0, event: 'values', data: TOO_MUCH }], true);
    sse.beat();
    sse.beat();
    const all = readAll(socket);
    await writing;
    sse.beat();
    sse.end();
    expect((await all).match(/: heartbeat/g)).toHaveLength(2);
  });

  it('lets a write wait until a client that does not read takes it', async () => {
    const { sse, socket } = await open();
    let isWritten = false;
    const writing = sse
      .write([{ seq: 0, event: 'values', data: TOO_MUCH }], true)
      .then(() => (isWritten = true));
    await once(socket, 'readable');
    await turn();
    expect(isWritten).toBe(false);
    socket.resume();
    await writing;
    expect(sse.isClosed).toBe(false);
  });

  it('ends a waiting write when its client goes, and writes nothing more', async () => {
    const { sse, socket } = await open();
    let isWritten = false;
    const writing = sse
      .write([{ seq: 0, event: 'values', data: TOO_MUCH }], true)
      .then(() => (isWritten = true));
    await once(socket, 'readable');
    await turn();
    expect(isWritten).toBe(false);
    socket.destroy();
    await writing;
    expect(sse.isClosed).toBe(true);
    await sse.write([{ seq: 1, event: 'values', data: TOO_MUCH }], true);
    sse.writeNotice({ event: 'error', data: '{}' });
  });

  it('tells who listens that its client has gone, once, and at once who comes later', async () => {
    const { sse, socket } = await open();
    const told: string[] = [];
    const closed = new Promise<void>((resolve) => sse.onClose(resolve));
    sse.onClose(() => told.push('first'));
    const stopListening = sse.onClose(() => told.push('removed'));
    stopListening();
    socket.destroy();
    await closed;
    sse.onClose(() => told.push('late'));
    sse.end();
    expect([sse.isClosed, told]).toEqual([true, ['first', 'late']]);
  });
});
