/**
 * The one place where an error becomes an HTTP answer.
 */
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isLongrunError, LongrunError, RETRY_AFTER_SECONDS } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';
import { isPostgresUnavailable } from '@longrun/database';
import { AnswerWatch, type Logger } from '@longrun/service-kit';
import { noteFailure } from '@longrun/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessRefused } from '../auth/access-refused.js';
import { ApiConfig } from '../config/api-config.js';
import { GRAPHS, LOGGER } from '../tokens.js';
import { aboutRequest } from './about-request.js';
import { shownHeaders } from './shown-headers.js';

@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(ApiConfig) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(AnswerWatch) private readonly postgres: AnswerWatch,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const isRefused = thrown instanceof AccessRefused;
    const error = isRefused ? thrown : this.#toLongrunError(thrown, request);
    // A stream that has begun tells its errors itself.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (isRefused) void reply.headers(thrown.headers);
    const retryAfter = retryAfterOf(error);
    if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
    void reply.status(error.status);
    if (this.config.HTTP_ERROR_FORMAT === 'text') {
      void reply.header('content-type', 'text/plain; charset=utf-8').send(error.message);
    } else {
      // The handler may have said already that it would answer with something else.
      void reply.header('content-type', 'application/json; charset=utf-8');
      void reply.send({ detail: error.message, code: error.code });
    }
  }

  #toLongrunError(thrown: unknown, request: FastifyRequest): LongrunError {
    if (isLongrunError(thrown)) {
      if (thrown.code === 'POSTGRES_UNAVAILABLE') void this.postgres.doubt();
      return thrown;
    }
    if (isPostgresUnavailable(thrown)) {
      // Said once, when it is known to be away, and not for every request.
      void this.postgres.doubt();
      this.log.debug({ err: thrown, ...aboutRequest(request) }, 'Postgres did not answer');
      return new LongrunError(
        'POSTGRES_UNAVAILABLE',
        `Postgres did not answer in time. Try again in ${RETRY_AFTER_SECONDS} s.`,
      );
    }
    if (thrown instanceof HttpException && thrown.getStatus() === 404) {
      return new LongrunError(
        'NOT_FOUND',
        `There is no route ${request.method} ${request.url.split('?')[0]}.`,
      );
    }
    const status = statusOf(thrown);
    if (status === 413) {
      return new LongrunError(
        'BODY_TOO_LARGE',
        `The body is larger than ${this.config.BODY_LIMIT_BYTES} bytes (BODY_LIMIT_BYTES).`,
      );
    }
    if (status === 415) {
      return new LongrunError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.');
    }
    if (status !== undefined && status >= 400 && status < 500) {
      return new LongrunError(
        'MALFORMED_JSON',
        thrown instanceof Error ? thrown.message : 'The request is malformed.',
      );
    }
    noteFailure(thrown);
    const about = { ...aboutRequest(request), ...this.#headers(request) };
    this.log.error({ err: thrown, ...about }, 'request failed');
    return new LongrunError(
      'INTERNAL',
      `The server failed. Its log holds the cause under request id ${request.id}.`,
    );
  }

  /** Of http.logging_headers: none unless it is there. */
  #headers({ headers }: FastifyRequest): { headers?: object } {
    const { loggingHeaders } = this.registry.http;
    return loggingHeaders ? { headers: shownHeaders(headers, loggingHeaders) } : {};
  }
}

/** Seconds; undefined when it is not said. */
function retryAfterOf(error: LongrunError | AccessRefused): number | undefined {
  if (isLongrunError(error) && error.status === 429) return Number(error.details['retryAfterSeconds']);
  return error.status === 503 ? RETRY_AFTER_SECONDS : undefined;
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error === 'object' && error !== null && 'statusCode' in error) return Number(error.statusCode);
  return undefined;
}
