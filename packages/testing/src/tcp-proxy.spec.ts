/**
 * The proxy does what it is told, on a server that echoes.
 */
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { startTcpProxy } from './tcp-proxy.js';
import type { TcpProxy } from './tcp-proxy.js';
import { waitUntil } from './wait-until.js';

let server: Server;
let proxy: TcpProxy;
let received: string[];
let client: Socket | undefined;

async function connect(): Promise<Socket> {
  client = createConnection(proxy.port, '127.0.0.1');
  client.on('error', () => undefined);
  await once(client, 'connect');
  return client;
}

function closeOf(socket: Socket): Promise<void> {
  // events.once would reject with the reset that is meant to happen.
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}

async function echo(socket: Socket, text: string): Promise<string> {
  const reply = once(socket, 'data');
  socket.write(text);
  return String((await reply)[0]);
}

beforeEach(async () => {
  received = [];
  server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        received.push(data.toString());
        socket.write(data);
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  client?.destroy();
  await proxy.close();
  server.close();
});

describe('the proxy', () => {
  it('passes everything on, later when told so', async () => {
    const socket = await connect();
    expect(await echo(socket, 'a')).toBe('a');
    proxy.setLatency(30);
    const startedAt = performance.now();
    expect(await echo(socket, 'b')).toBe('b');
    expect(performance.now() - startedAt).toBeGreaterThan(55);
  });

  it('loses the next reply and its connection, after the server has got the request', async () => {
    const socket = await connect();
    await echo(socket, 'a');
    proxy.cutNextReply();
    const closed = closeOf(socket);
    socket.write('b');
    await closed;
    expect(received).toEqual(['a', 'b']);
    expect(proxy.connections).toBe(0);
    expect(await echo(await connect(), 'c')).toBe('c');
  });

  it('drops replies, or everything, and keeps the connection', async () => {
    const socket = await connect();
    await echo(socket, 'a');
    proxy.setDropReplies(true);
    socket.write('lost reply');
    await waitUntil(() => proxy.lostBytes === 'lost reply'.length);
    proxy.setDropReplies(false);
    proxy.setBlackhole(true);
    socket.write('lost request');
    await waitUntil(() => proxy.lostBytes === 'lost replylost request'.length);
    proxy.setBlackhole(false);
    expect(await echo(socket, 'b')).toBe('b');
    expect(received).toEqual(['a', 'lost reply', 'b']);
  });

  it('keeps what clients have written when it was asked to, and else nothing', async () => {
    const { port } = server.address() as AddressInfo;
    await echo(await connect(), 'a');
    expect(proxy.writes).toEqual([]);
    await proxy.close();
    proxy = await startTcpProxy({ port, keepWrites: true });
    const socket = await connect();
    await echo(socket, 'b');
    await echo(socket, 'c');
    expect(proxy.writes).toEqual(['b', 'c']);
  });

  it('resets what is open and refuses what is new', async () => {
    const socket = await connect();
    await echo(socket, 'a');
    const closed = closeOf(socket);
    proxy.resetAll();
    await closed;
    proxy.setRefusing(true);
    client = createConnection(proxy.port, '127.0.0.1').on('error', () => undefined);
    await closeOf(client);
    expect(received).toEqual(['a']);
  });

  it('lets only the beginning of an answer through, and resets its connection', async () => {
    const socket = await connect();
    proxy.setCutWithinReply(3);
    const closed = closeOf(socket);
    expect(await echo(socket, 'abcdef')).toBe('abc');
    await closed;
    expect(received).toEqual(['abcdef']);
    proxy.setCutWithinReply(0);
    expect(await echo(await connect(), 'abcdef')).toBe('abcdef');
  });

  it('hands answers over in pieces', async () => {
    const socket = await connect();
    proxy.setReplySlice(1);
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.write('abcdef');
    await waitUntil(() => text.length === 6);
    expect(text).toBe('abcdef');
  });
});
