/**
 * Connections to Postgres: a pool whose every session carries the timeouts that keep a frozen process from blocking
 * its own rescue, and a client-side limit for a Postgres that does not answer at all.
 */
import pg from 'pg';
import { UnnamedClient } from './unnamed-client.js';

/** Longest statement, server side. */
export const STATEMENT_TIMEOUT_MS = 15_000;
/** Longest wait for a lock. */
export const LOCK_TIMEOUT_MS = 2_000;
/** A session that stays idle inside a transaction for this long is ended: its process may be frozen. */
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000;
/** Longest wait for a connection to be made. */
export const CONNECT_TIMEOUT_MS = 2_000;

export interface DatabaseSettings {
  /** `postgresql://…` */
  url: string;
  /**
   * A transaction pooler is in between: it takes no settings of a session, which then must be the role's, and the statements that one
   * connection has prepared may not be there for the next. Default false.
   */
  isPooled?: boolean;
  /** Connections at most. Default 10. */
  poolSize?: number;
  /** Seen in `pg_stat_activity`. */
  applicationName?: string;
  /**
   * A call without an answer for this long fails and its connection is closed, milliseconds. Default 16,000: above the
   * server's own statement timeout, so that it speaks only when the server is silent.
   */
  answerTimeoutMs?: number;
  /** Longest wait for a lock, milliseconds. Default {@link LOCK_TIMEOUT_MS}. */
  lockTimeoutMs?: number;
}

/** Session parameters for a single connection with the same timeouts as the pool's. */
export function sessionSettings(settings: DatabaseSettings): pg.ClientConfig {
  const timeouts = {
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: settings.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  };
  return {
    connectionString: settings.url,
    application_name: settings.applicationName ?? 'longrun',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(settings.isPooled === true ? {} : timeouts),
    query_timeout: settings.answerTimeoutMs ?? STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
  };
}

/**
 * A pool. Connections are made on demand; one that breaks is dropped without noise, since the call on it or the next one tells.
 */
export function createPool(settings: DatabaseSettings): pg.Pool {
  const pool = new pg.Pool({
    ...sessionSettings(settings),
    // Statements that do not wait for each other go out together. Those that do are as before.
    pipeline: true,
    max: settings.poolSize ?? 10,
    ...(settings.isPooled === true && { Client: UnnamedClient }),
    idleTimeoutMillis: 30_000,
  });
  pool.on('error', () => undefined);
  // Nobody listens to a connection while it is borrowed: without this, one that breaks then would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
