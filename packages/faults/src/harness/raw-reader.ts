/**
 * A client that asks for a stream and either takes whatever comes without looking at it, or nothing more after the first bytes: to a
 * server that is a reader that hangs, and one whose network was cut without a word.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawReader {
  private constructor(private readonly socket: Socket) {}

  /** Resolves when the first bytes have arrived. */
  static async open(
    apiUrl: string,
    run: { runId: string; threadId: string },
    { hangs }: { hangs: boolean },
  ): Promise<RawReader> {
    const { hostname, port } = new URL(apiUrl);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    const path = `/threads/${run.threadId}/runs/${run.runId}/stream`;
    const headers = [`host: ${hostname}`, 'accept: text/event-stream', 'last-event-id: -1'];
    socket.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    await once(socket, 'readable');
    if (!hangs) socket.resume();
    return new RawReader(socket);
  }

  close(): void {
    this.socket.destroy();
  }
}
