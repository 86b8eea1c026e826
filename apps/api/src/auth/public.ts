/**
 * Routes that everybody may use, whoever `auth.path` lets in: they tell nothing about anybody's things.
 */
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

/** Metadata of such a handler. */
export const IS_PUBLIC = 'longrun:isPublic';

declare module 'fastify' {
  interface FastifyContextConfig {
    isPublic?: boolean;
  }
}

export const Public = (): MethodDecorator =>
  applyDecorators(SetMetadata(IS_PUBLIC, true), RouteConfig({ isPublic: true }));
