/**
 * Limits of the head of a request, and what is answered to what is no request: in the words of every other error, though no route and no
 * hook of the application has seen it.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERROR_CODES, LongrunError, type LongrunErrorCode } from '@longrun/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiConfig } from '../config/api-config.js';

type HeaderLimits = Pick<ApiConfig, 'HEADER_LIMIT_BYTES' | 'HEADER_LIMIT_COUNT'>;

/** Options of the server, to be given when it is made. */
export function headerLimits(config: HeaderLimits) {
  return {
    http: { maxHeaderSize: config.HEADER_LIMIT_BYTES },
    clientErrorHandler: (error: Error & { code?: string }, socket: Socket): void => {
      // A connection that is gone hears nothing.
      if (error.code !== 'ECONNRESET' && socket.writable) {
        const [code, message]: [LongrunErrorCode, string] =
          error.code === 'HPE_HEADER_OVERFLOW' ? ['HEADERS_TOO_LARGE', tooLarge(config)] : NO_REQUEST;
        socket.write(answerOf(code, message));
      }
      socket.destroy(error);
    },
  };
}

const NO_REQUEST: [LongrunErrorCode, string] = [
  'MALFORMED_REQUEST',
  'This is no HTTP request, or it did not come to its end in time.',
];

/** Refuses requests with too many headers. Node itself would drop those beyond its limit without a word. */
export function limitHeaderCount(fastify: FastifyInstance, config: HeaderLimits): void {
  const most = config.HEADER_LIMIT_COUNT;
  fastify.server.maxHeadersCount = most + 1;
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    instance.addHook('onRequest', (request, _reply, next) => {
      const count = request.raw.rawHeaders.length / 2;
      next(count > most ? new LongrunError('HEADERS_TOO_LARGE', tooLarge(config)) : undefined);
    });
    done();
  };
  void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
}

function tooLarge({ HEADER_LIMIT_BYTES: bytes, HEADER_LIMIT_COUNT: count }: HeaderLimits): string {
  return `The headers are more than ${bytes} bytes (HEADER_LIMIT_BYTES) or ${count} in number (HEADER_LIMIT_COUNT).`;
}

function answerOf(code: LongrunErrorCode, message: string): string {
  const { status } = ERROR_CODES[code];
  const body = JSON.stringify({ detail: message, code });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
