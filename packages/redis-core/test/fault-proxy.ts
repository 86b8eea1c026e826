/**
 * A TCP proxy that loses what a test wants to be lost.
 */
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface FaultProxy {
  readonly url: string;
  /** Writes of the client that have arrived, joined; cleared by {@link FaultProxy.resetLog}. */
  readonly received: string[];
  resetLog(): void;
  /** The next answer of the server is lost, and the connection with it. */
  cutNextReply(): void;
  /** The server answers, and nothing arrives; the connection stays. */
  blackholeReplies(active: boolean): void;
  /** New connections are closed before the handshake. */
  refuse(active: boolean): void;
  close(): Promise<void>;
}

export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  let cutNext = false;
  let blackhole = false;
  let refusing = false;
  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = createConnection(targetPort, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end).setNoDelay(true);
    client.on('data', (data) => {
      received.push(data.toString());
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (cutNext) {
        cutNext = false;
        end();
      } else if (!blackhole) {
        client.write(data);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    resetLog: () => {
      received.length = 0;
    },
    cutNextReply: () => {
      cutNext = true;
    },
    blackholeReplies: (active) => {
      blackhole = active;
    },
    refuse: (active) => {
      refusing = active;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
