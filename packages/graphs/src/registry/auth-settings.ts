/**
 * `auth` of langgraph.json: who may use the api, and for what. The api loads the file it names.
 */
import { LongrunError, type JsonObject } from '@longrun/contracts';
import type { ConfigFile } from './config-file.js';
import { locateExport, type ExportLocation } from './load-export.js';

export interface AuthSettings extends ExportLocation {
  /** Nobody is taken for a user of Studio. */
  readonly disableStudioAuth: boolean;
  /** What `/openapi.json` says about the credentials: `security` and `securitySchemes`. */
  readonly openapi: JsonObject | null;
}

const KEYS = ['path', 'disable_studio_auth', 'openapi'];

/**
 * Null: langgraph.json says nothing about it.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong, also a key that nobody would follow
 */
export function authSettingsOf({
  content,
  folder,
}: Pick<ConfigFile, 'content' | 'folder'>): AuthSettings | null {
  const { auth } = content;
  if (auth === undefined || auth === null) return null;
  if (!isObject(auth))
    throw wrong('auth', 'must be an object with a path, such as {"path": "./auth.ts:auth"}');
  const unknown = Object.keys(auth).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0)
    throw wrong(`auth.${unknown.join(', auth.')}`, `is not supported; use ${KEYS.join(', ')}`);
  const { path, disable_studio_auth: disabled = false, openapi = null } = auth;
  if (typeof path !== 'string' || path === '')
    throw wrong('auth.path', 'must be a text such as "./auth.ts:auth"');
  if (typeof disabled !== 'boolean') throw wrong('auth.disable_studio_auth', 'must be true or false');
  if (openapi !== null && !isObject(openapi)) throw wrong('auth.openapi', 'must be an object');
  return { ...locateExport(path, folder), disableStudioAuth: disabled, openapi };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(key: string, problem: string): LongrunError {
  return new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: ${key} ${problem}.`);
}
