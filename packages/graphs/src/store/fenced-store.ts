/**
 * LangGraph's Postgres store over a facade of the pool: each statement takes a connection, is repeated while Postgres
 * is away, and a writing one runs in a transaction that begins with the fence.
 */
import { PostgresStore } from '@langchain/langgraph-checkpoint-postgres/store';
import { isLongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { LANGGRAPH_SCHEMA } from '../checkpoint/checkpoint-schema.js';
import { inFencedTransaction, type Fence } from '../checkpoint/fenced-transaction.js';
import { retryWhilePostgresIsAway } from '../checkpoint/postgres-faults.js';

export interface FencedStoreOptions {
  pool: pg.Pool;
  /** Runs at the start of each writing transaction. Absent: writes are not fenced, as for a client's own request. */
  fence?: Fence | undefined;
  signal: AbortSignal;
  beforeWrite?: (() => Promise<void>) | undefined;
  /** Told when the fence refuses, even if the graph swallows the error. */
  onFenced?: ((error: unknown) => void) | undefined;
}

export class FencedStore extends PostgresStore {
  constructor(options: FencedStoreOptions) {
    // The pool that the base class makes of these options never connects: it is replaced at once.
    super({ connectionOptions: {}, schema: LANGGRAPH_SCHEMA, ensureTables: false });
    const client = { query: statementRunner(options), release: () => undefined };
    const core = (this as unknown as { core: { pool: unknown } }).core;
    core.pool = { connect: async () => client, query: client.query, end: async () => undefined };
  }
}

/** A store for requests outside of any run. */
export function openStore(pool: pg.Pool): PostgresStore {
  return new FencedStore({ pool, signal: new AbortController().signal });
}

type Query = (text: string, values?: unknown[]) => Promise<pg.QueryResult>;

function statementRunner(options: FencedStoreOptions): Query {
  const { pool, fence, signal, beforeWrite, onFenced } = options;
  return async (text, values) => {
    if (fence === undefined || /^\s*select\b/i.test(text)) {
      return retryWhilePostgresIsAway(() => pool.query(text, values), signal);
    }
    await beforeWrite?.();
    try {
      return await retryWhilePostgresIsAway(
        () => inFencedTransaction(pool, fence, (client) => client.query(text, values)),
        signal,
      );
    } catch (error) {
      if (isLongrunError(error, 'RUN_FENCED')) onFenced?.(error);
      throw error;
    }
  };
}
