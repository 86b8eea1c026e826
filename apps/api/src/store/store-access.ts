/**
 * What the caller of a request may do with items of the store. A handler may move a request to another namespace, such as one below the
 * caller's own name; its filter is about the item's value, with `namespace` and `key` beside.
 */
import { LongrunError, type JsonObject, type SqlCondition } from '@longrun/contracts';
import type { ItemStore } from '@longrun/graphs';
import { AccessRefused } from '../auth/access-refused.js';
import type { AccessEvent } from '../auth/authority.js';
import type { RequestAccess } from '../auth/request-access.js';
import type {
  StoreDeleteDto,
  StoreGetQuery,
  StoreNamespacesDto,
  StorePutDto,
  StoreSearchDto,
} from './store.dto.js';

interface Place {
  namespace: string[];
  key: string;
}

type Meant = SqlCondition | null;

export class StoreAccess {
  constructor(private readonly items: ItemStore) {}

  /** @throws AccessRefused when the item, or the one whose place it would take, is not the caller's */
  async toPut(access: RequestAccess, dto: StorePutDto): Promise<Place & { value: JsonObject }> {
    const wish = { namespace: dto.namespace ?? [], key: dto.key, value: dto.value };
    const meant = await ask(access, 'store:put', wish);
    const { namespace, key, value } = wish;
    const isOwn = await access.isMeant({ ...value, namespace, key }, meant);
    if (!isOwn || !(await this.#isFreeOrOwn(wish, meant))) throw new AccessRefused(403, 'Not authorized');
    return wish;
  }

  async toGet(access: RequestAccess, query: StoreGetQuery): Promise<Place & { meant: Meant }> {
    const wish = { namespace: query.namespace ?? [], key: query.key };
    return { meant: await ask(access, 'store:get', wish), ...wish };
  }

  /** Of an item that is somebody else's the answer is the one for no item: there is nothing to delete. */
  async toDelete(access: RequestAccess, dto: StoreDeleteDto): Promise<Place & { isOwn: boolean }> {
    const wish = { namespace: dto.namespace ?? [], key: dto.key };
    const meant = await ask(access, 'store:delete', wish);
    return { isOwn: await this.#isFreeOrOwn(wish, meant), ...wish };
  }

  async toSearch(
    access: RequestAccess,
    dto: StoreSearchDto,
  ): Promise<{ namespace: string[]; filter: JsonObject | null | undefined; meant: Meant }> {
    const { filter, limit, offset, query } = dto;
    const wish = { namespace: dto.namespace_prefix ?? [], filter, limit, offset, query };
    return {
      meant: await ask(access, 'store:search', wish, 'namespace_prefix'),
      namespace: wish.namespace,
      filter: wish.filter,
    };
  }

  async toList(
    access: RequestAccess,
    dto: StoreNamespacesDto,
  ): Promise<{ prefix: string[] | undefined; suffix: string[] | undefined; meant: Meant }> {
    const { max_depth, limit, offset } = dto;
    const wish = { namespace: dto.prefix ?? [], suffix: dto.suffix ?? undefined, max_depth, limit, offset };
    const meant = await ask(access, 'store:list_namespaces', wish, 'prefix');
    return { meant, suffix: wish.suffix, prefix: wish.namespace.length > 0 ? wish.namespace : undefined };
  }

  async #isFreeOrOwn({ namespace, key }: Place, meant: Meant): Promise<boolean> {
    if (meant === null) return true;
    const there = await this.items.get(namespace, key, { refreshTtl: false });
    return there === null || (await this.items.get(namespace, key, { refreshTtl: false, meant })) !== null;
  }
}

/** @param field of the request that has the namespace */
async function ask(
  access: RequestAccess,
  event: Extract<AccessEvent, `store:${string}`>,
  wish: { namespace: string[] },
  field = 'namespace',
): Promise<Meant> {
  // A handler must not be handed what the store would refuse.
  if (access.caller && !isTexts(wish.namespace)) {
    throw new LongrunError('VALIDATION_FAILED', `${field}: must be a list of texts`, { details: { field } });
  }
  const meant = await access.ask(event, wish);
  // It may have written anything there.
  if (access.caller && !isTexts(wish.namespace)) {
    throw new LongrunError(
      'AUTH_FAILED',
      `The handler of auth.path for ${event} left a namespace that is no list of texts.`,
    );
  }
  return meant;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
