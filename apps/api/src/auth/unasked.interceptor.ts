/**
 * A route that has not asked what its caller may do does not answer: forgetting to ask must not become a leak.
 */
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

@Injectable()
export class UnaskedInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { access, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!access.caller) return next.handle();
    return next.handle().pipe(
      map((answer: unknown) => {
        if (access.wasAsked) return answer;
        const route = `${String(routeOptions.method)} ${routeOptions.url ?? ''}`;
        throw new LongrunError('AUTH_FAILED', `The route ${route} did not ask what its caller may do.`);
      }),
    );
  }
}
