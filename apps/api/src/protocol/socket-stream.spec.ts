import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from '@fastify/websocket';
import type { ProtocolAddress } from '@longrun/contracts';
import type { EventFilter } from './event-filter.js';
import type { ProtocolEvent } from './protocol-event.js';
import type { SocketSink } from './socket-sink.js';
import { SocketStream } from './socket-stream.js';
import type { Following } from './thread-follower.js';
import { BEGINNING, idOfPlace, WHOLE_RECORD, type ThreadPlace } from './thread-place.js';

const filterOf = (...channels: string[]): EventFilter => ({
  channels: new Set(channels),
  namespaces: [],
  depth: undefined,
});
const placeOf = (seq: number, part = 0): ThreadPlace => ({ order: 1, seq, part });
const LOG: ProtocolEvent[] = ['lifecycle', 'values', 'values', 'lifecycle'].map((method, seq) => {
  const place = placeOf(seq);
  const address = { method, namespace: [] } as ProtocolAddress;
  return { place, address, id: idOfPlace(place), method, json: `${method} ${seq}` };
});

function open() {
  const sent: string[] = [];
  const socket = {
    send: (text: string, done?: () => void) => {
      sent.push(text);
      done?.();
    },
  } as unknown as WebSocket;
  const starts: { following: Following; sink: SocketSink }[] = [];
  const stream = new SocketStream(
    socket,
    (following, sink) => starts.push({ following, sink }),
    () => undefined,
  );
  /** What the thread is followed for now, up to a place. */
  const read = async (upTo: number): Promise<void> => {
    const { following, sink } = starts.at(-1) ?? {};
    const from = following?.from ?? BEGINNING;
    const records = LOG.filter(
      ({ place }) => place.seq > (from.order === 0 ? -1 : from.seq) && place.seq <= upTo,
    );
    await sink?.write(records.filter(({ address }) => following?.wants(address)));
    sink?.passed({ order: 1, seq: upTo, part: WHOLE_RECORD });
  };
  return { stream, sent, starts, read };
}

describe('the stream of a connection', () => {
  it('sends an event once, however many subscriptions want it', async () => {
    const { stream, sent, read } = open();
    stream.add('a', filterOf('lifecycle'), BEGINNING);
    stream.add('b', filterOf('lifecycle', 'values'), BEGINNING);
    await read(3);
    expect(sent).toEqual(['lifecycle 0', 'values 1', 'values 2', 'lifecycle 3']);
  });

  it('goes back for a new subscription, and holds the others up meanwhile: no end before what it ends', async () => {
    const { stream, sent, starts, read } = open();
    stream.add('a', filterOf('lifecycle'), BEGINNING);
    await read(2);
    stream.add('b', filterOf('values'), BEGINNING);
    expect(starts[0]?.sink.isClosed).toBe(true);
    await starts[0]?.sink.write(LOG.slice(3));
    await read(3);
    expect(sent).toEqual(['lifecycle 0', 'values 1', 'values 2', 'lifecycle 3']);
  });

  it('goes on where it was when a new subscription begins there', async () => {
    const { stream, starts, read } = open();
    stream.add('a', filterOf('lifecycle'), BEGINNING);
    await read(2);
    stream.add('b', filterOf('values'), placeOf(3));
    expect(starts.at(-1)?.following.from).toEqual(placeOf(2, WHOLE_RECORD));
  });

  it('sends nothing more for a subscription that was ended, and stops with the last one', async () => {
    const { stream, sent, starts, read } = open();
    stream.add('a', filterOf('lifecycle'), BEGINNING);
    stream.add('b', filterOf('values'), BEGINNING);
    expect([stream.remove('b'), stream.remove('b')]).toEqual([true, false]);
    await read(3);
    expect(sent).toEqual(['lifecycle 0', 'lifecycle 3']);
    stream.remove('a');
    expect(starts.at(-1)?.sink.isClosed).toBe(true);
  });
});
