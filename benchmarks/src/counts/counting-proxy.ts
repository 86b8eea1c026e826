/**
 * A proxy before Postgres that counts what passes.
 */
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { SessionCounter, type CountedTransaction } from './session-counter.js';

export interface CountingProxy {
  /** The given URL with the proxy in the place of the server. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param onTransaction called whenever a session has become idle */
export async function startCountingProxy(
  postgresUrl: string,
  onTransaction: (transaction: CountedTransaction) => void,
): Promise<CountingProxy> {
  const target = new URL(postgresUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port), target.hostname);
    const counter = new SessionCounter(onTransaction);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      counter.clientSent(data);
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      counter.serverSent(data);
      client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(postgresUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
