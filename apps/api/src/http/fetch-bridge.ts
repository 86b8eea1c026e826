/**
 * Between this server and code that speaks the web's `Request` and `Response`.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Aborted when the client goes before its answer is complete. */
export function clientGoneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('The client is gone.'));
  });
  return gone.signal;
}

/**
 * The same request.
 *
 * @param body `stream`: the body as it comes in, which nobody may have read; `none`: without
 */
export function toFetchRequest(
  request: FastifyRequest,
  body: 'stream' | 'none',
  signal: AbortSignal | null = null,
): Request {
  const { raw, method, headers: given } = request;
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const url = urlOf(request);
  const hasBody = body === 'stream' && method !== 'GET' && method !== 'HEAD';
  return new Request(url, {
    method,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(raw) as unknown, duplex: 'half' } : {}),
  } as RequestInit);
}

/** The address of a request, whatever its client says of the host: a path such as `//` or `//other.example` is a path here. */
export function urlOf({ protocol, host, url }: Pick<FastifyRequest, 'protocol' | 'host' | 'url'>): URL {
  const own = `${protocol}://${host}`;
  const base = URL.canParse(own) ? new URL(own).origin : 'http://localhost';
  return new URL(URL.canParse(`${base}${url}`) && url.startsWith('/') ? `${base}${url}` : base);
}

/**
 * Sends an answer as it comes, at the client's pace. What hooks have set on the reply (CORS) is sent too.
 *
 * @returns when it is complete, or the client is gone
 * @throws what the body throws; the connection is cut then
 */
export async function sendFetchResponse(reply: FastifyReply, response: Response): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  const cookies = response.headers.getSetCookie();
  raw.writeHead(response.status, {
    ...(reply.getHeaders() as Record<string, string>),
    ...Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie')),
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
  });
  if (response.body === null) {
    raw.end();
    return;
  }
  raw.flushHeaders();
  await pipeline(Readable.fromWeb(response.body), raw).catch((error: unknown) => {
    // The client may go at any time; the body is told by its cancel.
    if (!isPrematureClose(error)) throw error;
  });
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
