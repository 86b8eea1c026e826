/**
 * How ioredis gets its socket: as always, but with the handshake in one packet, and cut at once at the end.
 *
 * A full server says so and hangs up; a second packet of ours would be answered by a reset, which takes the place of
 * what the server has said.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

import { AbstractConnector } from 'ioredis';

/** What it needs of the options of an ioredis instance, which ioredis hands over. */
interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** Unix socket, instead of the two. */
  readonly path?: string | undefined;
  readonly tls?: ConnectionOptions;
}

/** Used as ioredis's `Connector`. */
export class SocketConnector extends AbstractConnector {
  constructor(private readonly options: unknown) {
    // Time between saying goodbye and cutting: nothing here says goodbye.
    super(0);
  }

  override connect(): Promise<Socket> {
    const { host, port, path, tls } = this.options as SocketOptions;
    const place = path === undefined ? { host, port } : { path };
    const socket = tls === undefined ? connect(place) : connectTls({ ...place, ...tls });
    socket.once('error', (error: Error) => {
      this.firstError = error;
    });
    // Before ioredis's own listener, which writes.
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.cork();
      setImmediate(() => {
        socket.uncork();
      });
    });
    this.stream = socket;
    return Promise.resolve(socket);
  }

  /** A frozen peer would keep the socket, and what is in flight, for long. */
  override disconnect(): void {
    (this.stream as Socket | undefined)?.destroy();
  }
}
