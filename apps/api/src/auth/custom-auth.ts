/**
 * The user's `auth.path`: an `Auth` object of the SDK, whose handlers say who sends a request and what they may do. Whatever goes wrong in
 * it lets nobody through.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isLongrunError, LongrunError, type JsonObject } from '@longrun/contracts';
import { loadExport, type AuthSettings } from '@longrun/graphs';
import type { Logger } from '@longrun/service-kit';
import { parseAccessFilter, type AccessFilter } from './access-filter.js';
import type { AccessEvent, Authority } from './authority.js';
import { AccessRefused, isHttpException } from './access-refused.js';
import { STUDIO_CALLER, toCaller, type Caller } from './caller.js';

type Handler = (context: JsonObject) => unknown;

/** What the SDK's `Auth` keeps. It is found by this name, as an instance may come from any copy of the SDK. */
interface HandlerCache {
  authenticate?: (request: Request) => unknown;
  callbacks?: Record<string, Handler>;
}

export interface CustomAuthOptions {
  readonly timeoutMs: number;
  /** Undefined: nobody is taken for Studio. */
  readonly studioKey: string | undefined;
  readonly log: Logger;
}

export class CustomAuth implements Authority {
  readonly #handlers: HandlerCache;
  readonly #options: CustomAuthOptions;

  constructor(handlers: HandlerCache, options: CustomAuthOptions) {
    this.#handlers = handlers;
    this.#options = options;
  }

  /** @throws LongrunError GRAPH_LOAD_FAILED when the file or its export is not what it should be */
  static async load(settings: AuthSettings, options: CustomAuthOptions): Promise<CustomAuth> {
    const fail = (problem: string, cause?: unknown): LongrunError =>
      new LongrunError(
        'GRAPH_LOAD_FAILED',
        `auth.path of langgraph.json (${settings.sourceFile}): ${problem}`,
        {
          cause,
        },
      );
    const exported = await loadExport(settings).catch((error: unknown) => {
      throw fail(error instanceof Error ? error.message : String(error), error);
    });
    const handlers = handlersOf(exported);
    if (!handlers)
      throw fail(`"${settings.exportName}" is no instance of Auth of @langchain/langgraph-sdk/auth.`);
    if (!handlers.authenticate)
      throw fail('the Auth has no authenticate handler: everybody would be let in.');
    const studioKey = settings.disableStudioAuth ? undefined : options.studioKey;
    return new CustomAuth(handlers, { ...options, studioKey });
  }

  /**
   * Who sends the request.
   *
   * @throws AccessRefused with the status and headers of the user's HTTPException, 401 for any other error of the handler; LongrunError
   * AUTH_FAILED for an answer that is no user, AUTH_UNAVAILABLE when there is none in time
   */
  async authenticate(request: Request): Promise<Caller> {
    if (request.headers.get('x-auth-scheme') === 'langsmith' && this.#isStudioKey(request))
      return STUDIO_CALLER;
    const { authenticate } = this.#handlers;
    try {
      return toCaller(await this.#inTime('authenticate', async () => authenticate?.(request)));
    } catch (error) {
      if (isLongrunError(error)) throw error;
      if (isHttpException(error)) throw AccessRefused.of(error);
      // A library that verifies a token throws its own errors. What they say is for the log: it may quote the token.
      this.#options.log.info({ err: error }, 'authenticate() of auth.path threw: taken for a refusal');
      throw new AccessRefused(401, 'The credentials were not accepted.');
    }
  }

  /**
   * Asks the handler of the event: the one for resource and action, else for the resource, else for the action, else for all. Without one
   * everything is allowed.
   *
   * @param value what the request wants; a handler may change it
   * @returns which things are meant; null for all
   * @throws AccessRefused 403, or as the handler says; LongrunError AUTH_FAILED, AUTH_UNAVAILABLE
   */
  async authorize(
    { user, permissions }: Caller,
    event: AccessEvent,
    value: object,
  ): Promise<AccessFilter | null> {
    const [resource = '', action = ''] = event.split(':');
    const { callbacks = {} } = this.#handlers;
    const name = [event, resource, `*:${action}`, '*'].find((key) => Object.hasOwn(callbacks, key));
    const handler = name === undefined ? undefined : callbacks[name];
    if (!handler) return null;
    try {
      const answer = await this.#inTime(event, async () =>
        handler({ event, resource, action, value, user, permissions: [...permissions] }),
      );
      return filterOf(answer);
    } catch (error) {
      if (isHttpException(error)) throw AccessRefused.of(error);
      if (isLongrunError(error, 'AUTH_UNAVAILABLE') || error instanceof AccessRefused) throw error;
      this.#options.log.error({ err: error, event }, 'handler of auth.path failed');
      throw new LongrunError(
        'AUTH_FAILED',
        `The handler of auth.path for ${event} failed; the log has the cause.`,
        {
          cause: error,
        },
      );
    }
  }

  #isStudioKey(request: Request): boolean {
    const { studioKey } = this.#options;
    const given = request.headers.get('x-api-key');
    return studioKey !== undefined && given !== null && timingSafeEqual(digestOf(given), digestOf(studioKey));
  }

  async #inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          new LongrunError('AUTH_UNAVAILABLE', `${what} of auth.path took longer than ${timeoutMs} ms.`),
        );
      }, timeoutMs);
    });
    try {
      return await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function filterOf(answer: unknown): AccessFilter | null {
  if (answer === undefined || answer === null || answer === true) return null;
  if (answer === false) throw new AccessRefused(403, 'Forbidden');
  if (typeof answer !== 'object' || Array.isArray(answer)) {
    throw new LongrunError(
      'AUTH_FAILED',
      `returned ${typeof answer}; it must be a filter, a boolean or nothing`,
    );
  }
  return parseAccessFilter(answer as Record<string, unknown>);
}

function handlersOf(exported: unknown): HandlerCache | null {
  if (typeof exported !== 'object' || exported === null || !('~handlerCache' in exported)) return null;
  return exported['~handlerCache'] as HandlerCache;
}

/** Of equal length, which the comparison needs, whatever was given. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
