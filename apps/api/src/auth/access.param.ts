/**
 * What the caller of a request may do, as a parameter of a route.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RequestAccess } from './request-access.js';

export const Access = createParamDecorator(
  (_none: unknown, context: ExecutionContext): RequestAccess =>
    context.switchToHttp().getRequest<FastifyRequest>().access,
);
