/**
 * What the caller of one request may do: every route asks here before it does anything, and puts the answer into its search or has the
 * things looked at that it was named. What a caller may not know of is told as what does not exist.
 */
import { LongrunError, type JsonObject, type SqlCondition } from '@longrun/contracts';
import type pg from 'pg';
import { isJsonObject } from '../http/field-rules.js';
import { assistantNotFound } from '../assistants/assistant-not-found.js';
import { toAssistantId } from '../assistants/system-assistant-id.js';
import { threadNotFound } from '../threads/thread-row.js';
import { accessCondition } from './access-filter.js';
import { identityOf, type Caller } from './caller.js';
import type { AccessEvent, Authority } from './authority.js';
import { findRefused, isMeant, type Filtered } from './sql/is-meant.sql.js';

type EventOf<Resource extends string> = Extract<AccessEvent, `${Resource}:${string}`>;

/** What a handler is shown of a search besides the metadata. Source: the types of `Auth` in the SDK. */
const SHOWN_OF_SEARCHES = {
  'assistants:search': ['graph_id', 'name', 'limit', 'offset'],
  'threads:search': ['values', 'status', 'ids', 'limit', 'offset'],
  'crons:search': ['assistant_id', 'thread_id', 'enabled', 'limit', 'offset'],
} as const satisfies Partial<Record<AccessEvent, readonly string[]>>;

export class RequestAccess {
  /** A handler was asked, or need not be: see {@link isEverybodys}. */
  wasAsked = false;

  /**
   * @param caller null: there is no authentication
   * @param auth what decides
   */
  constructor(
    readonly caller: Caller | null,
    private readonly auth: Authority | null,
    private readonly pool: pg.Pool,
  ) {}

  /** For `configurable` of the caller's runs; empty without authentication. */
  get identity(): JsonObject {
    return this.caller ? identityOf(this.caller) : {};
  }

  /** Tells callers apart; empty without authentication. */
  get callerId(): string {
    return this.caller?.user.identity ?? '';
  }

  /**
   * Asks whether the caller may, and for which things.
   *
   * @param value what the request wants, which a handler may change
   * @returns null for all
   * @throws AccessRefused; LongrunError AUTH_FAILED, AUTH_UNAVAILABLE
   */
  async ask(event: AccessEvent, value: object): Promise<SqlCondition | null> {
    this.wasAsked = true;
    if (!this.caller || !this.auth) return null;
    const filter = await this.auth.authorize(this.caller, event, value);
    if ('metadata' in value && !isJsonObject(value.metadata)) {
      throw new LongrunError(
        'AUTH_FAILED',
        `The handler of auth.path for ${event} left metadata that are no object.`,
      );
    }
    return filter && accessCondition(filter);
  }

  /**
   * Asks which things of the caller a search means; a handler may narrow the metadata that are looked for.
   *
   * @returns as `ask`
   * @throws as `ask`
   */
  async askToSearch(
    event: keyof typeof SHOWN_OF_SEARCHES,
    search: { metadata?: JsonObject | null },
  ): Promise<SqlCondition | null> {
    const given = new Map<string, unknown>(Object.entries(search));
    const shown = Object.fromEntries(SHOWN_OF_SEARCHES[event].map((field) => [field, given.get(field)]));
    const wish = { ...shown, metadata: search.metadata ?? {} };
    const meant = await this.ask(event, wish);
    if (Object.keys(wish.metadata).length > 0) search.metadata = wish.metadata;
    return meant;
  }

  /** For a route that has found that what it tells is no user's. */
  isEverybodys(): void {
    this.wasAsked = true;
  }

  /** For one thread. @param notFound the error for a thread that is somebody else's: the one for a thread that does not exist */
  async askForThread(
    event: EventOf<'threads'>,
    threadId: string,
    value: object = { thread_id: threadId },
    notFound: () => Error = () => threadNotFound(threadId),
  ): Promise<void> {
    await this.#require('thread', threadId, await this.ask(event, value), notFound);
  }

  /** For a run whose thread the request does not name. */
  async askForRun(event: EventOf<'threads'>, runId: string, notFound: () => Error): Promise<void> {
    await this.#require('run', runId, await this.ask(event, { run_id: runId }), notFound);
  }

  /** @param idOrGraph an id, or the name of a graph */
  async askForAssistant(
    event: EventOf<'assistants'>,
    idOrGraph: string,
    value: object = { assistant_id: toAssistantId(idOrGraph) },
    notFound: () => Error = () => assistantNotFound(idOrGraph),
  ): Promise<void> {
    await this.#require('assistant', toAssistantId(idOrGraph), await this.ask(event, value), notFound);
  }

  async askForCron(
    event: EventOf<'crons'>,
    cronId: string,
    value: object = { cron_id: cronId },
  ): Promise<void> {
    await this.#require('cron', cronId, await this.ask(event, value), () => {
      return new LongrunError('CRON_NOT_FOUND', `Cron ${cronId} not found`, { details: { cron_id: cronId } });
    });
  }

  /** Those of the ids that are there and not among the things meant. */
  async refusedOf(what: Filtered, ids: readonly string[], meant: SqlCondition | null): Promise<Set<string>> {
    if (meant === null || ids.length === 0) return new Set();
    const { text, values } = findRefused(what, ids, meant);
    const { rows } = await this.pool.query<{ id: string }>(text, values);
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether something that is not stored yet would be among the things meant. */
  async isMeant(metadata: JsonObject, meant: SqlCondition | null): Promise<boolean> {
    if (meant === null) return true;
    const { text, values } = isMeant(metadata, meant);
    const { rows } = await this.pool.query<{ is_meant: boolean }>(text, values);
    return rows[0]?.is_meant ?? false;
  }

  async #require(
    what: Filtered,
    id: string,
    meant: SqlCondition | null,
    notFound: () => Error,
  ): Promise<void> {
    const refused = await this.refusedOf(what, [id], meant);
    if (refused.size > 0) throw notFound();
  }
}
