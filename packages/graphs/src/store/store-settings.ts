/**
 * The `store` section of langgraph.json.
 */
import { LongrunError, storeTtlOf, type StoreTtl } from '@longrun/contracts';
import type { ConfigFile } from '../registry/config-file.js';
import { loadEmbedding, type Embedding } from './embedding.js';

export interface StoreIndex {
  /** Numbers in a vector. */
  readonly dims: number;
  /** Paths of the fields whose texts are indexed, such as `text` or `messages[*].content`; `$` is the whole value. */
  readonly fields: readonly string[];
  readonly embedding: Embedding;
}

export interface StoreSettings {
  readonly ttl: StoreTtl;
  /** Null: a search finds words, not meaning. */
  readonly index: StoreIndex | null;
}

/** The store of a langgraph.json that says nothing about it. */
export const DEFAULT_STORE: StoreSettings = { ttl: storeTtlOf({}), index: null };

/** Most numbers that pgvector stores in a vector. Source: its documentation. */
const MAX_DIMS = 16_000;

/**
 * @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong, also when the embedding cannot be loaded
 */
export async function loadStoreSettings(
  config: Pick<ConfigFile, 'content' | 'folder'>,
): Promise<StoreSettings> {
  const ttl = storeTtlOf(config.content);
  const index = propertyOf(config.content.store, 'index');
  if (index === undefined || index === null) return { ttl, index: null };
  const dims = propertyOf(index, 'dims');
  if (typeof dims !== 'number' || !Number.isInteger(dims) || dims < 1 || dims > MAX_DIMS) {
    throw wrong(
      'store.index.dims',
      `must be a whole number from 1 to ${MAX_DIMS}: the length of the vectors of embed`,
    );
  }
  const fields = propertyOf(index, 'fields') ?? ['$'];
  if (!Array.isArray(fields) || fields.length === 0 || !fields.every((field) => typeof field === 'string')) {
    throw wrong('store.index.fields', 'must be a list of paths, such as ["text"] or ["$"]');
  }
  const embed = propertyOf(index, 'embed');
  if (typeof embed !== 'string') {
    throw wrong('store.index.embed', 'must be "provider:model" or a path such as "./embed.ts:embed"');
  }
  return {
    ttl,
    index: { dims, fields: fields, embedding: await loadEmbedding(embed, config.folder) },
  };
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function wrong(key: string, problem: string): LongrunError {
  return new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: ${key} ${problem}.`);
}
