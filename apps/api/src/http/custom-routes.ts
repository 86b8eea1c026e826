/**
 * The user's own routes, `http.app` of langgraph.json, beside those of the API. A route that the app has comes before one of the API, as on
 * the platform; of an app that cannot be asked for its routes, those come first that the API does not have.
 */
import type { HttpApp } from '@longrun/graphs';
import type { Logger } from '@longrun/service-kit';
import { LongrunError } from '@longrun/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { aboutRequest } from './about-request.js';
import { clientGoneSignal, sendFetchResponse, toFetchRequest, urlOf } from './fetch-bridge.js';

/** Routes that whoever runs the server relies on: never the app's. */
const RESERVED = ['/ok', '/ready', '/health/live', '/health/ready', '/metrics', '/docs', '/openapi.json'];

/** What a Hono app can be asked. */
interface HonoRouter {
  match(
    method: string,
    path: string,
  ): [[[handler: HonoHandler, route: unknown], params: unknown][], ...unknown[]];
}

type HonoHandler = ((...args: never[]) => unknown) & { [COMPOSED]?: HonoHandler };

/** Where Hono keeps a handler that it has wrapped for the app it was mounted in. */
const COMPOSED = '__COMPOSED_HANDLER';

export class CustomRoutes {
  readonly #app: HttpApp;
  readonly #log: Logger;

  constructor(app: HttpApp, log: Logger) {
    this.#app = app;
    this.#log = log;
  }

  /** Hands the app its requests, before their bodies are read. What is registered before sees them too. */
  register(fastify: FastifyInstance): void {
    const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
      instance.addHook('onRequest', (request, reply, next) => {
        // Whoever does not call on has the request.
        if (this.#isMeant(request)) void this.#answer(request, reply, next);
        else next();
      });
      done();
    };
    // For all routes, not only for those of this plugin.
    void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
  }

  #isMeant(request: FastifyRequest): boolean {
    const { is404, method, routeOptions } = request;
    if (!is404 && RESERVED.includes(routeOptions.url ?? '')) return false;
    const router = routerOf(this.#app);
    if (router === null) return is404;
    const [handlers] = router.match(method === 'HEAD' ? 'GET' : method, urlOf(request).pathname);
    // Middleware alone is no route: it must not hide one of the API.
    return is404 ? handlers.length > 0 : handlers.some(([[handler]]) => !isMiddleware(handler));
  }

  /** Never rejects. @param fail answers an error as all of the API are */
  async #answer(request: FastifyRequest, reply: FastifyReply, fail: (error: Error) => void): Promise<void> {
    // Its pages are its own business.
    for (const name of ['content-security-policy', 'x-frame-options']) reply.removeHeader(name);
    const about = aboutRequest(request);
    let response: Response;
    try {
      const given: unknown = await this.#app.fetch(
        toFetchRequest(request, 'stream', clientGoneSignal(reply)),
      );
      if (!isResponse(given)) throw new Error('http.app answered with something that is no Response.');
      response = given;
    } catch (error) {
      this.#log.error({ err: error, ...about }, 'http.app failed');
      fail(
        new LongrunError('CUSTOM_ROUTE_FAILED', 'The route failed. The log of the server holds the cause.'),
      );
      return;
    }
    await sendFetchResponse(reply, response).catch((error: unknown) => {
      this.#log.error({ err: error, ...about }, 'http.app failed while it answered');
      reply.raw.destroy();
    });
  }
}

function routerOf(app: HttpApp): HonoRouter | null {
  const router = 'router' in app ? (app.router as Partial<HonoRouter> | null) : null;
  return typeof router?.match === 'function' ? (router as HonoRouter) : null;
}

/** Hono's own rule: middleware takes `next`. */
function isMiddleware(handler: HonoHandler): boolean {
  const inner = handler[COMPOSED];
  return inner ? isMiddleware(inner) : handler.length >= 2;
}

/** Of whichever copy of the class: apps may bring their own. */
function isResponse(value: unknown): value is Response {
  return (
    typeof value === 'object' && value !== null && 'status' in value && 'headers' in value && 'body' in value
  );
}
