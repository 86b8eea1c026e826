/**
 * The store of graphs and of clients: one implementation, so that both see the same items. The tables are those of LangGraph's own
 * Postgres store; docs/adr/0007-own-store.md says why its statements are not.
 */
import {
  BaseStore,
  type Item,
  type Operation,
  type OperationResults,
  type SearchItem,
} from '@langchain/langgraph-checkpoint';
import { LongrunError, MAX_TTL_MINUTES, type SqlCondition } from '@longrun/contracts';
import type pg from 'pg';
import { labelsOf, namespacePath, prefixPath } from './namespace.js';
import { DELETE_ITEM, GET_ITEM, meantItems, PUT_ITEM, REFRESH_ITEMS, type ItemRow } from './sql/items.sql.js';
import { listNamespaces, type NamespaceMatch } from './sql/list-namespaces.sql.js';
import { searchMeaning, searchNewest, searchWords } from './sql/search-items.sql.js';
import { PUT_ITEM_WITH_VECTORS } from './sql/vectors.sql.js';
import type { StoreSettings } from './store-settings.js';
import { vectorOfQuery, vectorsOf } from './vector-index.js';

/** How the store reaches Postgres. Each statement stands alone; repeating one changes nothing. */
export interface StoreConnection {
  read<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>>;
  write(text: string, values: unknown[]): Promise<pg.QueryResult>;
}

export interface PutOptions {
  /** Minutes; null for ever. Default: that of langgraph.json. */
  ttl?: number | null | undefined;
}

export interface ReadOptions {
  /** Lets the time to live begin anew. Default: that of langgraph.json. */
  refreshTtl?: boolean | null | undefined;
  /** The items that the reader may know of, by their values with namespace and key beside; null for all. */
  meant?: SqlCondition | null | undefined;
}

export interface SearchOptions extends ReadOptions {
  filter?: Record<string, unknown> | null | undefined;
  /** Default 10. */
  limit?: number | undefined;
  offset?: number | undefined;
  /** Found by meaning with `store.index`, by words without. */
  query?: string | null | undefined;
}

export interface ListNamespacesOptions {
  /** `*` stands for any one label. */
  prefix?: string[] | undefined;
  suffix?: string[] | undefined;
  /** Longer namespaces are cut. */
  maxDepth?: number | undefined;
  /** Default 100. */
  limit?: number | undefined;
  offset?: number | undefined;
  meant?: SqlCondition | null | undefined;
}

/** Longest key, bytes: it is part of an index entry, which Postgres limits to about 2,700. */
const MAX_KEY_BYTES = 1_000;

export class ItemStore extends BaseStore {
  readonly #connection: StoreConnection;
  readonly #settings: StoreSettings;

  constructor(connection: StoreConnection, settings: StoreSettings) {
    super();
    this.#connection = connection;
    this.#settings = settings;
  }

  /** @throws LongrunError NAMESPACE_REQUIRED, VALIDATION_FAILED */
  override async get(namespace: string[], key: string, options: ReadOptions = {}): Promise<Item | null> {
    const values: unknown[] = [namespacePath(namespace), checkKey(key)];
    const text = `${GET_ITEM}${meantItems(options.meant, values)}`;
    const { rows } = await this.#connection.read<ItemRow>(text, values);
    await this.#refresh(rows, options);
    return rows[0] ? toItem(rows[0]) : null;
  }

  /**
   * @param index paths of fields to index instead of those of langgraph.json; false for none
   * @throws LongrunError NAMESPACE_REQUIRED, VALIDATION_FAILED, EMBEDDING_FAILED; nothing is written then
   */
  override async put(
    namespace: string[],
    key: string,
    value: Record<string, unknown>,
    index?: false | string[] | null,
    options: PutOptions = {},
  ): Promise<void> {
    const ttl = options.ttl === undefined ? this.#settings.ttl.defaultTtlMinutes : checkTtl(options.ttl);
    const item = [namespacePath(namespace), checkKey(key), JSON.stringify(value), ttl];
    if (this.#settings.index === null) {
      await this.#connection.write(PUT_ITEM, item);
      return;
    }
    const { fields, texts, vectors } = await vectorsOf(value, index, this.#settings.index);
    await this.#connection.write(PUT_ITEM_WITH_VECTORS, [...item, fields, texts, vectors]);
  }

  /** Deletes the item if there is one. @throws LongrunError NAMESPACE_REQUIRED, VALIDATION_FAILED */
  override async delete(namespace: string[], key: string): Promise<void> {
    await this.#connection.write(DELETE_ITEM, [namespacePath(namespace), checkKey(key)]);
  }

  /** Items at and below a prefix; an empty one is everything. @throws LongrunError VALIDATION_FAILED, EMBEDDING_FAILED */
  override async search(namespacePrefix: string[], options: SearchOptions = {}): Promise<SearchItem[]> {
    const { filter, limit = 10, offset = 0, query, meant } = options;
    const search = {
      path: prefixPath(namespacePrefix, 'namespace_prefix'),
      filter: filter ?? {},
      limit,
      offset,
      meant,
    };
    const { index } = this.#settings;
    let statement;
    if (!query) statement = searchNewest(search);
    else if (index === null) statement = searchWords(search, query);
    else statement = searchMeaning(search, await vectorOfQuery(query, index));
    const { rows } = await this.#connection.read<ItemRow>(statement.text, statement.values);
    await this.#refresh(rows, options);
    return rows.map((row) => ({
      ...toItem(row),
      ...(row.score === undefined ? {} : { score: Number(row.score) }),
    }));
  }

  /** @throws LongrunError VALIDATION_FAILED */
  override async listNamespaces(options: ListNamespacesOptions = {}): Promise<string[][]> {
    const { prefix, suffix, maxDepth, limit, offset, meant } = options;
    const matches: NamespaceMatch[] = [];
    if (prefix) matches.push({ matchType: 'prefix', path: prefix });
    if (suffix) matches.push({ matchType: 'suffix', path: suffix });
    return this.#list(matches, { maxDepth, limit, offset, meant });
  }

  /** One after the other, in the order given. */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const results: unknown[] = [];
    for (const operation of operations) results.push(await this.#execute(operation));
    return results as OperationResults<Op>;
  }

  async #execute(operation: Operation): Promise<unknown> {
    if ('namespacePrefix' in operation) return this.search(operation.namespacePrefix, operation);
    if ('value' in operation) {
      const { namespace, key, value, index } = operation;
      return value === null ? this.delete(namespace, key) : this.put(namespace, key, value, index);
    }
    if ('key' in operation) return this.get(operation.namespace, operation.key);
    return this.#list(operation.matchConditions ?? [], operation);
  }

  async #list(matches: readonly NamespaceMatch[], options: ListNamespacesOptions): Promise<string[][]> {
    const { maxDepth, limit = 100, offset = 0, meant } = options;
    const { text, values } = listNamespaces({ matches, maxDepth, limit, offset, meant });
    const { rows } = await this.#connection.read<{ labels: string }>(text, values);
    return rows.map(({ labels }) => labelsOf(labels));
  }

  async #refresh(rows: readonly ItemRow[], { refreshTtl }: ReadOptions): Promise<void> {
    if (!(refreshTtl ?? this.#settings.ttl.refreshOnRead)) return;
    const mortal = rows.filter((row) => row.ttl_minutes !== null);
    if (mortal.length === 0) return;
    const keys = [mortal.map((row) => row.namespace_path), mortal.map((row) => row.key)];
    await this.#connection.write(REFRESH_ITEMS, keys);
  }
}

function toItem(row: ItemRow): Item {
  return {
    namespace: labelsOf(row.namespace_path),
    key: row.key,
    value: row.value,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function checkKey(key: string): string {
  if (typeof key === 'string' && key !== '' && !key.includes('\0') && Buffer.byteLength(key) <= MAX_KEY_BYTES)
    return key;
  throw wrong('key', `must be a text of 1 to ${MAX_KEY_BYTES} bytes without a NUL character`);
}

function checkTtl(ttl: number | null): number | null {
  if (ttl === null || (ttl > 0 && ttl <= MAX_TTL_MINUTES)) return ttl;
  throw wrong('ttl', `must be a number of minutes above 0 and up to ${MAX_TTL_MINUTES}, or null`);
}

function wrong(field: string, problem: string): LongrunError {
  return new LongrunError('VALIDATION_FAILED', `${field}: ${problem}`, { details: { field } });
}
