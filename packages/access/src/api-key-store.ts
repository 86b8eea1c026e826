/**
 * The record of API keys: made, listed, revoked, replaced, and looked up for a request.
 */
import { LongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { isSecretOf, makeApiKey, parseApiKey } from './api-key.js';
import { isScope, type Scope } from './scopes.js';
import {
  COUNT_VALID_KEYS,
  INSERT_KEY,
  LIST_KEYS,
  RETIRE_KEY,
  REVOKE_KEY,
  USE_KEY,
  type ApiKeyRow,
  type UsedKeyRow,
} from './sql/api-keys.sql.js';

const LONGEST_NAME = 100;

/** What a key may ask for: 0 for any number, null for as much as all others. */
export interface KeyLimits {
  /** Requests per second. */
  ratePerSecond: number | null;
  /** Runs per window. */
  runQuota: number | null;
}

const AS_ALL_OTHERS: KeyLimits = { ratePerSecond: null, runQuota: null };

export interface ApiKey extends KeyLimits {
  id: string;
  name: string;
  scope: Scope;
  createdAt: Date;
  /** Null: never. */
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
}

/** The key of a request. */
export interface KnownKey extends KeyLimits {
  id: string;
  name: string;
  scope: Scope;
}

export class ApiKeyStore {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * @param expiresInSeconds null: never
   * @returns the key's text, which cannot be had again
   * @throws LongrunError VALIDATION_FAILED for a name that is empty or too long
   */
  async create(
    name: string,
    scope: Scope,
    expiresInSeconds: number | null,
    { ratePerSecond, runQuota }: KeyLimits = AS_ALL_OTHERS,
  ): Promise<{ key: ApiKey; text: string }> {
    if (name.trim() === '' || name.length > LONGEST_NAME) {
      throw new LongrunError('VALIDATION_FAILED', `name: must have 1 to ${LONGEST_NAME} characters`);
    }
    const { id, text, hash } = makeApiKey();
    const values = [id, hash, name, scope, expiresInSeconds, ratePerSecond, runQuota];
    const { rows } = await this.pool.query<ApiKeyRow>(INSERT_KEY, values);
    return { key: firstOf(rows, id), text };
  }

  /** Newest first, at most 1,000. */
  async list(): Promise<ApiKey[]> {
    const { rows } = await this.pool.query<ApiKeyRow>(LIST_KEYS);
    return rows.map(toApiKey);
  }

  /** No request is let in with it any more. Safe to repeat. @throws LongrunError API_KEY_NOT_FOUND */
  async revoke(id: string): Promise<ApiKey> {
    const { rows } = await this.pool.query<ApiKeyRow>(REVOKE_KEY, [id]);
    return firstOf(rows, id);
  }

  /**
   * A new key with the name, scope and limits of another, which expires after `graceSeconds`: until then both are good.
   *
   * @throws LongrunError API_KEY_NOT_FOUND for one that is not valid any more
   */
  async rotate(id: string, graceSeconds: number): Promise<{ key: ApiKey; text: string; old: ApiKey }> {
    const { rows } = await this.pool.query<ApiKeyRow>(RETIRE_KEY, [id, graceSeconds]);
    const old = firstOf(rows, id);
    return { ...(await this.create(old.name, old.scope, null, old)), old };
  }

  /** The key that a request has sent; null when it is none, or not valid any more. Notes that it was used. */
  async find(text: string): Promise<KnownKey | null> {
    const parts = parseApiKey(text);
    if (!parts) return null;
    const { rows } = await this.pool.query<UsedKeyRow>({
      name: 'use-api-key',
      text: USE_KEY,
      values: [parts.id],
    });
    const row = rows[0];
    if (!row || !isScope(row.scope) || !isSecretOf(row.hash, parts.secret)) return null;
    return { id: row.key_id, name: row.name, scope: row.scope, ...limitsOf(row) };
  }

  /** Number of keys that are let in. */
  async countValid(): Promise<number> {
    const { rows } = await this.pool.query<{ valid: number }>(COUNT_VALID_KEYS);
    return rows[0]?.valid ?? 0;
  }
}

function firstOf(rows: readonly ApiKeyRow[], id: string): ApiKey {
  const [row] = rows;
  if (row) return toApiKey(row);
  throw new LongrunError('API_KEY_NOT_FOUND', `There is no valid API key ${id}.`);
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.key_id,
    name: row.name,
    scope: isScope(row.scope) ? row.scope : 'read',
    ...limitsOf(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}

function limitsOf({
  rate_per_second: ratePerSecond,
  run_quota: runQuota,
}: ApiKeyRow | UsedKeyRow): KeyLimits {
  return { ratePerSecond, runQuota };
}
