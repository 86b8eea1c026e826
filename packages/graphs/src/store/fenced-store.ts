/**
 * How the store reaches Postgres: each statement takes a connection and is repeated while Postgres is away, and a writing one of an
 * attempt runs in a transaction that begins with the fence.
 */
import { isLongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { inFencedTransaction, type Fence } from '../checkpoint/fenced-transaction.js';
import { retryWhilePostgresIsAway } from '../checkpoint/postgres-faults.js';
import { ItemStore, type StoreConnection } from './item-store.js';
import { DEFAULT_STORE, type StoreSettings } from './store-settings.js';

export interface FencedStoreOptions {
  pool: pg.Pool;
  settings: StoreSettings;
  /** Runs at the start of each writing transaction. */
  fence: Fence;
  signal: AbortSignal;
  beforeWrite?: (() => Promise<void>) | undefined;
  /** Told when the fence refuses, even if the graph swallows the error. */
  onFenced?: ((error: unknown) => void) | undefined;
}

/** The store of one attempt of a run. */
export class FencedStore extends ItemStore {
  constructor(options: FencedStoreOptions) {
    super(fencedConnection(options), options.settings);
  }
}

/** A store for requests outside of any run. Does not wait for a Postgres that is away: its caller answers that. */
export function openStore(pool: pg.Pool, settings: StoreSettings = DEFAULT_STORE): ItemStore {
  const query: StoreConnection['read'] = (text, values) => pool.query(text, values);
  return new ItemStore({ read: query, write: query }, settings);
}

function fencedConnection(options: FencedStoreOptions): StoreConnection {
  const { pool, fence, signal, beforeWrite, onFenced } = options;
  return {
    read: (text, values) => retryWhilePostgresIsAway(() => pool.query(text, values), signal),
    write: async (text, values) => {
      await beforeWrite?.();
      try {
        const [result] = await retryWhilePostgresIsAway(
          () => inFencedTransaction(pool, fence, [{ text, values }]),
          signal,
        );
        if (result === undefined) throw new Error('A statement of the store has no result.');
        return result;
      } catch (error) {
        if (isLongrunError(error, 'RUN_FENCED')) onFenced?.(error);
        throw error;
      }
    },
  };
}
