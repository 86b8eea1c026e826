/**
 * Packets of a turn, on a real socket.
 */
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { coalesceWrites } from './write-coalescing.js';

let server: Server;
let socket: Socket;
let writes: string[];
let received: { text: string };
let ended: Promise<void>;

beforeEach(async () => {
  // Of this test alone: what an earlier one has sent may still arrive.
  const own = { text: '' };
  received = own;
  server = createServer((peer) => {
    peer.on('data', (data: Buffer) => (own.text += data.toString()));
    ended = new Promise((resolve) => peer.once('end', resolve));
    peer.on('end', () => peer.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = createConnection((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  writes = [];
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]): boolean => {
    writes.push(String(args[0]));
    return write(...args);
  };
  coalesceWrites(socket);
});

afterEach(() => {
  socket.destroy();
  server.close();
});

async function endAndReceive(): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  socket.end();
  await ended;
  return received.text;
}

describe('the writes of a turn', () => {
  it('leave as the first and the others together, in order', async () => {
    for (const text of ['a', 'b', 'c', 'd']) socket.write(text);
    expect(writes).toEqual(['a']);
    expect(await endAndReceive()).toBe('abcd');
    expect(writes).toEqual(['a', 'bcd']);
  });

  it('do not wait for each other once there are sixteen', () => {
    for (let i = 0; i < 40; i += 1) socket.write('x');
    expect(writes).toEqual(['x', 'x'.repeat(16), 'x'.repeat(16)]);
  });

  it('wait for a lone command of the next turn no longer than for that of the first', async () => {
    socket.write('a');
    await new Promise((resolve) => setImmediate(resolve));
    socket.write('b');
    expect(writes).toEqual(['a', 'b']);
  });

  it('keep bytes and text in the order in which they were written', async () => {
    socket.write('a');
    socket.write('b');
    socket.write(Buffer.from('c'));
    socket.write('d');
    expect(await endAndReceive()).toBe('abcd');
  });

  it('that come after the end of the socket are dropped without an error', async () => {
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    socket.write('a');
    socket.write('b');
    socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([]);
    expect(writes).toEqual(['a']);
  });
});
