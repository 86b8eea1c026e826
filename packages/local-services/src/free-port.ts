/**
 * Ports of the loopback interface.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** The only address that anything started here listens on. */
export const LOOPBACK = '127.0.0.1';

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const port = await probe(0);
  if (port === undefined) throw new Error(`No free port on ${LOOPBACK}.`);
  return port;
}

/** True when nothing listens on the port. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await probe(port)) !== undefined;
}

async function probe(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
    throw error;
  }
  const taken = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return taken;
}
