/**
 * Which way of authentication a deployment has: what AUTH says, else `auth.path`, else API keys, unless nobody else can reach the api.
 */
import { ApiKeyStore } from '@longrun/access';
import { LongrunError } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';
import type { Logger } from '@longrun/service-kit';
import type pg from 'pg';
import type { ApiConfig } from '../config/api-config.js';
import type { Authority } from './authority.js';
import { CustomAuth } from './custom-auth.js';
import { KeyAuth } from './key-auth.js';

export type AuthKind = 'custom' | 'keys' | 'none';

/** @throws LongrunError INTERNAL when AUTH and langgraph.json contradict each other */
export function authKindOf(config: Pick<ApiConfig, 'AUTH' | 'HOST'>, hasPath: boolean): AuthKind {
  const { AUTH: wanted, HOST: host } = config;
  if (wanted === undefined) return hasPath ? 'custom' : isLoopback(host) ? 'none' : 'keys';
  if (hasPath !== (wanted === 'custom')) {
    throw new LongrunError(
      'INTERNAL',
      hasPath
        ? `AUTH is ${wanted}, but langgraph.json names auth.path: take one of them away.`
        : 'AUTH is custom, but langgraph.json names no auth.path.',
    );
  }
  return wanted as AuthKind;
}

/** @returns null: everybody who reaches the api may do everything */
export async function chooseAuthority(
  config: ApiConfig,
  registry: GraphRegistry,
  pool: pg.Pool,
  log: Logger,
): Promise<Authority | null> {
  const kind = authKindOf(config, registry.auth !== null);
  if (kind === 'custom' && registry.auth) {
    const { AUTH_TIMEOUT_MS: timeoutMs, STUDIO_API_KEY: studioKey } = config;
    return CustomAuth.load(registry.auth, { timeoutMs, studioKey, log });
  }
  if (kind === 'keys') {
    const keys = new ApiKeyStore(pool);
    if ((await keys.countValid()) === 0) {
      log.warn('nobody can use this api yet: make an API key with `longrun keys create --name <name>`');
    }
    return new KeyAuth(keys);
  }
  if (!isLoopback(config.HOST)) {
    log.warn({ host: config.HOST }, 'AUTH=none: everybody who reaches this address may do everything');
  }
  return null;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
