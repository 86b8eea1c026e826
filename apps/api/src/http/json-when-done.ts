/**
 * A JSON answer that may take as long as a run: the head goes out at once, a newline every 5 s keeps proxies and clients from
 * giving up, the value comes last. From the head on the status is 200, so a failure is told in the value.
 */
import { SSE_HEARTBEAT_MS } from '@longrun/contracts';
import type { FastifyReply } from 'fastify';

/**
 * @param value resolves with JSON text; what it throws must already be part of the text, else the connection is cut
 * @returns when the answer is complete or the client is gone
 */
export async function sendJsonWhenDone(
  reply: FastifyReply,
  headers: Record<string, string>,
  value: (clientGone: AbortSignal) => Promise<string>,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  raw.on('close', () => gone.abort());
  raw.on('error', () => gone.abort());
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  });
  raw.flushHeaders();
  const timer = setInterval(() => raw.write('\n'), SSE_HEARTBEAT_MS);
  try {
    raw.end(await value(gone.signal));
  } catch {
    raw.destroy();
  } finally {
    clearInterval(timer);
  }
}
