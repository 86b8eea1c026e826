/**
 * The run that a request asks for, as a parameter of a route: on the thread of its path, or on none.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { uuidOfPath, validPart } from '../http/validated.js';
import { StatelessRunDto, ThreadRunDto } from './run-create.dto.js';
import type { RunCreation } from './run-creation.js';

/** For paths with `:thread_id`. */
export const ThreadRun = createParamDecorator((_none: unknown, context: ExecutionContext): RunCreation => ({
  threadId: uuidOfPath('thread_id', context),
  dto: validPart('body', ThreadRunDto, context),
  request: context.switchToHttp().getRequest<FastifyRequest>(),
}));

/** For paths without a thread. */
export const StatelessRun = createParamDecorator(
  (_none: unknown, context: ExecutionContext): RunCreation => ({
    threadId: null,
    dto: validPart('body', StatelessRunDto, context),
    request: context.switchToHttp().getRequest<FastifyRequest>(),
  }),
);
