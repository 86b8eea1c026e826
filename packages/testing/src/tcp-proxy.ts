/**
 * A TCP proxy that does to a connection what networks do.
 */
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { DelayLine } from './delay-line.js';

/** The server behind a proxy. */
export interface TcpProxyTarget {
  /** Default: the loopback. */
  readonly host?: string;
  readonly port: number;
  /** Keep what clients write in {@link TcpProxy.writes}. Default false: it is never thrown away. */
  readonly keepWrites?: boolean;
}

/** A proxy before a server; its faults can be changed at any time. */
export interface TcpProxy {
  readonly port: number;
  /** The given URL with the proxy in the place of the server. */
  urlFor(url: string): string;
  /** Delay of every chunk in both directions, milliseconds. */
  setLatency(ms: number): void;
  /** Both directions lose everything; connections stay open, and new ones are accepted. */
  setBlackhole(active: boolean): void;
  /** Requests reach the server, and its answers are lost. */
  setDropReplies(active: boolean): void;
  /** The next answer of the server is lost, and its connection is reset. */
  cutNextReply(): void;
  /** As `cutNextReply`, for the answer to what contains `text`: once, as soon as a client has written it. */
  cutReplyTo(text: string): void;
  /** Of every answer of the server only the first bytes arrive, then its connection is reset; 0 for whole answers. */
  setCutWithinReply(bytes: number): void;
  /** Answers arrive in pieces of this size, each in a packet of its own; 0 for as they come. */
  setReplySlice(bytes: number): void;
  /** New connections are refused. */
  setRefusing(active: boolean): void;
  /** Resets every open connection. */
  resetAll(): void;
  readonly connections: number;
  /** Bytes that were thrown away so far. */
  readonly lostBytes: number;
  /** What has arrived from clients, one entry for every chunk, when {@link TcpProxyTarget.keepWrites} is set. */
  readonly writes: string[];
  close(): Promise<void>;
}

interface Faults {
  latencyMs: number;
  blackhole: boolean;
  dropReplies: boolean;
  cutNext: boolean;
  cutReplyTo: string | undefined;
  cutWithin: number;
  slice: number;
  refusing: boolean;
}

/** Starts a proxy on a free port of the loopback before `host:port`. */
export async function startTcpProxy(target: TcpProxyTarget): Promise<TcpProxy> {
  const faults: Faults = {
    latencyMs: 0,
    blackhole: false,
    dropReplies: false,
    cutNext: false,
    cutReplyTo: undefined,
    cutWithin: 0,
    slice: 0,
    refusing: false,
  };
  let lostBytes = 0;
  const writes: string[] = [];
  const open = new Set<() => void>();
  const delays = new DelayLine();
  const server = createServer((client) => {
    if (faults.refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection(target.port, target.host ?? '127.0.0.1');
    const end = (): void => {
      open.delete(end);
      for (const socket of [client, upstream]) if (!socket.destroyed) socket.resetAndDestroy();
    };
    open.add(end);
    let isCut = false;
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end).setNoDelay(true);
    client.on('data', (data) => {
      if (target.keepWrites === true) writes.push(data.toString());
      if (faults.cutReplyTo !== undefined && data.includes(faults.cutReplyTo)) {
        faults.cutReplyTo = undefined;
        isCut = true;
      }
      if (faults.blackhole) lostBytes += data.length;
      else forward(delays, upstream, data, faults.latencyMs);
    });
    upstream.on('data', (data) => {
      if (faults.cutWithin > 0) {
        const arriving = data.subarray(0, faults.cutWithin);
        lostBytes += data.length - arriving.length;
        // A reset may overtake what was written: it goes out when the peer can have seen the bytes.
        client.write(arriving, () => setImmediate(end));
        return;
      }
      const lost = isCut || faults.cutNext || faults.blackhole || faults.dropReplies;
      if (!lost) return forwardSliced(delays, client, data, faults);
      lostBytes += data.length;
      if (isCut || faults.cutNext) end();
      faults.cutNext = false;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const resetAll = (): void => {
    for (const end of [...open]) end();
  };
  return {
    port,
    urlFor: (url) => {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.toString();
    },
    setLatency: (ms) => (faults.latencyMs = ms),
    setBlackhole: (active) => (faults.blackhole = active),
    setDropReplies: (active) => (faults.dropReplies = active),
    cutNextReply: () => (faults.cutNext = true),
    cutReplyTo: (text) => (faults.cutReplyTo = text),
    setCutWithinReply: (bytes) => (faults.cutWithin = bytes),
    setReplySlice: (bytes) => (faults.slice = bytes),
    setRefusing: (active) => (faults.refusing = active),
    resetAll,
    writes,
    get connections() {
      return open.size;
    },
    get lostBytes() {
      return lostBytes;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      resetAll();
      await closed;
    },
  };
}

function forwardSliced(delays: DelayLine, socket: Socket, data: Buffer, { slice, latencyMs }: Faults): void {
  if (slice === 0) {
    forward(delays, socket, data, latencyMs);
    return;
  }
  for (let start = 0; start < data.length; start += slice) {
    // Without Nagle's algorithm every write is a packet.
    forward(delays, socket, data.subarray(start, start + slice), latencyMs);
  }
}

function forward(delays: DelayLine, socket: Socket, data: Buffer, latencyMs: number): void {
  if (latencyMs === 0 && delays.isEmpty) socket.write(data);
  else delays.send(latencyMs, () => socket.writable && socket.write(data));
}
