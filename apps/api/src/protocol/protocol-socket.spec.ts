import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import type { CommandContext } from './command.js';
import type { ProtocolCommands } from './protocol-commands.service.js';
import type { ProtocolEvent } from './protocol-event.js';
import { ProtocolError } from './protocol-error.js';
import { ProtocolSocket } from './protocol-socket.js';
import type { ProtocolStreams } from './protocol-stream.service.js';
import { SocketSink } from './socket-sink.js';
import { BEGINNING } from './thread-place.js';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  readonly sent: string[] = [];
  readonly calls: string[] = [];
  readonly #handedOver: (() => void)[] = [];

  send(text: string, done?: () => void): void {
    this.sent.push(text);
    if (done) this.#handedOver.push(done);
  }
  /** The network has taken everything. */
  drain(): void {
    for (const done of this.#handedOver.splice(0)) done();
  }
  ping(): void {
    this.calls.push('ping');
  }
  terminate(): void {
    this.calls.push('terminate');
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

const asSocket = (socket: FakeSocket): WebSocket => socket as unknown as WebSocket;
const event = (json: string): ProtocolEvent => ({ json }) as ProtocolEvent;
const owner = (onFailure: () => void = () => undefined) => ({
  isLacked: () => true,
  passed: () => undefined,
  onFailure,
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('events over a WebSocket', () => {
  it('are not read further until the network has taken those before', async () => {
    const socket = new FakeSocket();
    const sink = new SocketSink(asSocket(socket), owner());
    let isTaken = false;
    const writing = sink.write([event('1'), event('2')]).then(() => (isTaken = true));
    await turn();
    expect([socket.sent, isTaken]).toEqual([['1', '2'], false]);
    socket.drain();
    await writing;
    expect(isTaken).toBe(true);
  });

  it('are not waited for when their subscription ends, and nothing is sent behind its end', async () => {
    const socket = new FakeSocket();
    let failures = 0;
    const sink = new SocketSink(
      asSocket(socket),
      owner(() => (failures += 1)),
    );
    const writing = sink.write([event('1')]);
    sink.close();
    await writing;
    await sink.write([event('2')]);
    sink.tell(new ProtocolError('unknown_error', 'late'));
    sink.end();
    expect([socket.sent, failures]).toEqual([['1'], 0]);
  });

  it('that cannot go on close the connection, so that the client comes back', () => {
    let failures = 0;
    const sink = new SocketSink(
      asSocket(new FakeSocket()),
      owner(() => (failures += 1)),
    );
    sink.end();
    expect([sink.isClosed, failures]).toEqual([true, 1]);
  });
});

describe('a WebSocket', () => {
  const open = (answer: () => Promise<object> = async () => ({})) => {
    const socket = new FakeSocket();
    const commands = { answer } as unknown as ProtocolCommands;
    const connection = new ProtocolSocket(
      asSocket(socket),
      {} as FastifyRequest,
      'thread',
      commands,
      {} as ProtocolStreams,
    );
    const close = (): void => void socket.emit('close');
    return { socket, connection, close };
  };

  it('is ended when the client answers no ping, but not while it has something left to read', () => {
    const { socket, connection, close } = open();
    for (let beat = 0; beat < 4; beat += 1) connection.beat();
    expect(socket.calls).toEqual(['ping', 'ping', 'ping', 'ping']);
    socket.bufferedAmount = 1;
    connection.beat();
    expect(socket.calls).toHaveLength(4);
    socket.emit('pong');
    socket.bufferedAmount = 0;
    for (let beat = 0; beat < 5; beat += 1) connection.beat();
    expect(socket.calls.at(-1)).toBe('terminate');
    close();
  });

  it('sends the answer to a subscription before its events', async () => {
    const socket = new FakeSocket();
    const answer = async ({ subscriptions }: CommandContext): Promise<object> => {
      subscriptions?.open(
        { filter: { channels: new Set(), namespaces: [], depth: undefined }, from: BEGINNING },
        'id',
      );
      await turn();
      return { type: 'success' };
    };
    const commands = { answer } as unknown as ProtocolCommands;
    const streams = { start: () => socket.send('event') } as unknown as ProtocolStreams;
    new ProtocolSocket(asSocket(socket), {} as FastifyRequest, 'thread', commands, streams);
    socket.emit('message', Buffer.from('{"id":1,"method":"a"}'));
    while (socket.sent.length < 2) await turn();
    expect(socket.sent).toEqual(['{"type":"success"}', 'event']);
    socket.emit('close');
  });

  it('takes no more commands while many wait for their turn', async () => {
    let release = (): void => undefined;
    const first = new Promise<void>((resolve) => (release = resolve));
    const { socket, close } = open(async () => {
      await first;
      return {};
    });
    for (let id = 0; id < 32; id += 1) socket.emit('message', Buffer.from(`{"id":${id},"method":"a"}`));
    expect(socket.isPaused).toBe(true);
    release();
    while (socket.sent.length < 32) await turn();
    await turn();
    expect(socket.isPaused).toBe(false);
    close();
  });
});
