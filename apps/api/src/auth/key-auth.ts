/**
 * API keys: whoever has one may do what its scope allows, with everybody's things.
 */
import { mayDo, parseApiKey, scopeFor, type ApiKeyStore, type KnownKey } from '@longrun/access';
import { AccessRefused } from './access-refused.js';
import type { AccessFilter } from './access-filter.js';
import type { AccessEvent, Authority } from './authority.js';
import type { Caller } from './caller.js';

/** A key that was good is taken for good for this long: a revoked one is refused at the latest then. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 1_000;

export class KeyAuth implements Authority {
  readonly #known = new Map<string, { key: KnownKey; until: number }>();

  /** @param now milliseconds of a monotonic clock */
  constructor(
    private readonly keys: Pick<ApiKeyStore, 'find'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws AccessRefused 401 */
  async authenticate(request: Request): Promise<Caller> {
    const text = keyOf(request);
    if (text === null || parseApiKey(text) === null) {
      throw refused('Send an API key, as x-api-key or as Authorization: Bearer.');
    }
    const key = await this.#find(text);
    if (!key) throw refused('The API key is not valid.');
    const permissions = [key.scope];
    const identity = `key:${key.id}`;
    const user = { kind: 'ApiKey', identity, display_name: key.name, is_authenticated: true, permissions };
    const limits = { perSecond: key.ratePerSecond, quota: key.runQuota };
    return { user, permissions, limits };
  }

  /** @throws AccessRefused 403 */
  async authorize({ user, permissions }: Caller, event: AccessEvent): Promise<AccessFilter | null> {
    if (permissions.some((scope) => mayDo(scope as KnownKey['scope'], event))) return null;
    throw new AccessRefused(
      403,
      `The API key "${user.display_name}" has the scope ${permissions.join()}; ${event} needs ${scopeFor(event)}.`,
    );
  }

  async #find(text: string): Promise<KnownKey | null> {
    const known = this.#known.get(text);
    if (known && known.until > this.now()) return known.key;
    this.#known.delete(text);
    const key = await this.keys.find(text);
    if (!key) return null;
    this.#known.set(text, { key, until: this.now() + REMEMBERED_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return key;
  }
}

function keyOf({ headers }: Request): string | null {
  const own = headers.get('x-api-key');
  if (own !== null) return own;
  const [scheme, token] = (headers.get('authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && token !== undefined ? token : null;
}

function refused(message: string): AccessRefused {
  return new AccessRefused(401, message, { 'www-authenticate': 'Bearer' });
}
