/**
 * A client that asks for a stream and then reads nothing: to a server, one that hangs.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Resolves when the first bytes are there to be read. @returns closes it */
export async function openStuckReader(serverUrl: string, path: string): Promise<() => void> {
  const { hostname, port } = new URL(serverUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\n\r\n`);
  await once(socket, 'readable');
  return () => {
    socket.destroy();
  };
}
