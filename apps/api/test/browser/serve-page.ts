/**
 * Bundles the page for browsers and serves it, from an origin that is not the api's, as a front end is.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HTML = '<!doctype html><meta charset="utf-8"><div id="root"></div><script src="/page.js"></script>';

/** The page on a free port of this machine. */
export interface ServedPage {
  readonly url: string;
  stop(): Promise<void>;
}

export async function servePage(): Promise<ServedPage> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('./page.jsx', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const script = bundle.outputFiles[0]?.text;
  if (script === undefined) throw new Error('The bundle of the page is empty.');
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : HTML);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
