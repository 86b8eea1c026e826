/**
 * The run that a request asks for, as a parameter of a route: on the thread of its path, or on none.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { uuidOfPath, validPart } from '../http/validated.js';
import { StatelessRunDto, ThreadRunDto } from './run-create.dto.js';
import type { RunCreation } from './run-creation.js';

/** Factory of {@link ThreadRun}. */
export function threadRunOf(_none: unknown, context: ExecutionContext): RunCreation {
  return {
    threadId: uuidOfPath('thread_id', context),
    dto: validPart('body', ThreadRunDto, context),
    request: context.switchToHttp().getRequest<FastifyRequest>(),
  };
}

/** Factory of {@link StatelessRun}. */
export function statelessRunOf(_none: unknown, context: ExecutionContext): RunCreation {
  return {
    threadId: null,
    dto: validPart('body', StatelessRunDto, context),
    request: context.switchToHttp().getRequest<FastifyRequest>(),
  };
}

/** For paths with `:thread_id`. */
export const ThreadRun = createParamDecorator(threadRunOf);

/** For paths without a thread. */
export const StatelessRun = createParamDecorator(statelessRunOf);
