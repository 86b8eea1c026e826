/**
 * What answers tell browsers to be careful about: the headers of helmet, as far as they fit a server whose answers are fetched by pages of
 * other origins, mostly as JSON. docs/adr/0014 says why this library.
 */
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** No answer is a page, unless its route says otherwise: nothing in it is executed, loaded or shown in a frame. */
const NO_PAGE = {
  defaultSrc: ["'none'"],
  frameAncestors: ["'none'"],
  formAction: ["'none'"],
  baseUri: ["'none'"],
};

/** For all routes that are not served by an earlier hook. */
export async function useSecurityHeaders(fastify: FastifyInstance): Promise<void> {
  await fastify.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: NO_PAGE },
    // Front ends of other origins load the files of /ui; who may read the rest is said by CORS.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // Whoever ends TLS in front decides about its domain, and those below it.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}
