/**
 * From a request to what its caller may do: authentication, once per request and before its body is read.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { toFetchRequest } from '../http/fetch-bridge.js';
import { AUTH, POOL } from '../tokens.js';
import type { Authority } from './authority.js';
import { RequestAccess } from './request-access.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request before its route is reached. */
    access: RequestAccess;
  }
}

@Injectable()
export class AccessService {
  readonly #everything: RequestAccess;

  constructor(
    @Inject(AUTH) private readonly auth: Authority | null,
    @Inject(POOL) private readonly pool: pg.Pool,
  ) {
    this.#everything = new RequestAccess(null, null, pool);
  }

  /** Whether requests are authenticated at all. */
  get isOn(): boolean {
    return this.auth !== null;
  }

  /** @throws AccessRefused; LongrunError AUTH_FAILED, AUTH_UNAVAILABLE */
  async of(request: FastifyRequest): Promise<RequestAccess> {
    if (!this.auth || isPublic(request)) return this.#everything;
    const caller = await this.auth.authenticate(toFetchRequest(request, 'none'));
    return new RequestAccess(caller, this.auth, this.pool);
  }

  /** Has every request authenticated. To be called when CORS is set up: its headers belong to a refusal too. */
  register(fastify: FastifyInstance): void {
    const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
      instance.decorateRequest('access');
      instance.addHook('onRequest', (request, _reply, next) => {
        if (!this.auth) {
          request.access = this.#everything;
          next();
          return;
        }
        this.of(request).then((access) => {
          request.access = access;
          next();
        }, next);
      });
      done();
    };
    // For all routes, not only for those of this plugin.
    void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
  }
}

/** Whether nobody is asked who they are. */
export function isPublic({ method, routeOptions }: FastifyRequest): boolean {
  // A browser asks what it may send without saying who asks.
  return method === 'OPTIONS' || routeOptions.config.isPublic === true;
}
