/**
 * `longrun keys`: makes, lists, replaces and revokes API keys, in the database itself.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { ApiKeyStore, isScope, SCOPES, type ApiKey, type Scope } from '@longrun/access';
import { createPool } from '@longrun/database';

import { readEnvironment } from '../config/environment.js';
import { stackFile, type Stack } from '../start/stack.js';
import { UsageError } from './usage-error.js';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const DEFAULT_GRACE_HOURS = 24;
const LARGEST_LIMIT = 1_000_000;

const KEYS_HELP = `longrun keys <what> [options]: API keys, which clients send as x-api-key or Authorization: Bearer

  create --name <name>   prints a new key, once; only a hash of it is stored
    --scope <scope>      ${SCOPES.join(', ')}; each includes those before it (run)
    --expires-days <n>   how long it is good (for ever)
    --rate <n>           requests per second (as all others: RATE_LIMIT_PER_SECOND); 0: any number
    --quota <n>          runs per window (as all others: RUN_QUOTA); 0: any number
  list                   all keys, newest first
  rotate <id>            a new key like that one, which expires after
    --grace-hours <n>    so many hours (${String(DEFAULT_GRACE_HOURS)})
  revoke <id>            lets nobody in with it any more, within 5 s

  --data-dir <folder>    where stack.json lives, without DATABASE_URL (.longrun)
  --json                 print JSON`;

type Options = ReturnType<typeof parse>['values'];

/**
 * Does what is asked and prints it.
 *
 * @throws UsageError naming what is wrong with the call; Error of Postgres, or when there is no such key
 */
export async function keysCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(KEYS_HELP);
    return 0;
  }
  if (args.length === 0) throw new UsageError(KEYS_HELP);
  const { values, positionals } = parse(args.filter((arg) => arg !== '--'));
  const [what = '', id, ...others] = positionals;
  const takesId = ['rotate', 'revoke'].includes(what);
  if (!takesId && !['create', 'list'].includes(what)) {
    throw new UsageError(`longrun keys: there is no "${what}"; use create, list, rotate or revoke.`);
  }
  if (others.length > 0 || takesId !== (id !== undefined)) {
    throw new UsageError(`longrun keys ${what} takes ${takesId ? 'the id of one key' : 'no id'}.`);
  }
  const work = workOf(what, id ?? '', values);
  const pool = createPool({ url: databaseUrl(values), poolSize: 1, applicationName: 'longrun-cli' });
  try {
    const { lines, json } = await work(new ApiKeyStore(pool));
    console.log(values.json ? JSON.stringify(json) : lines.join('\n'));
    return 0;
  } finally {
    await pool.end();
  }
}

type Work = (keys: ApiKeyStore) => Promise<{ lines: string[]; json: unknown }>;

/** What is to be done, once everything about the call has been checked. */
function workOf(what: string, id: string, options: Options): Work {
  if (what === 'create') {
    const { name } = options;
    if (!name) throw new UsageError('longrun keys create needs --name: whose key it is.');
    const scope = scopeOf(options.scope ?? 'run');
    const days = options['expires-days'];
    const seconds = days === undefined ? null : positive('--expires-days', days) * DAY_SECONDS;
    const limits = {
      ratePerSecond: limitOf('--rate', options.rate),
      runQuota: limitOf('--quota', options.quota),
    };
    return async (keys) => {
      const { key, text } = await keys.create(name, scope, seconds, limits);
      return { lines: madeLines(key, text), json: { ...key, key: text } };
    };
  }
  if (what === 'rotate') {
    const grace = positive('--grace-hours', options['grace-hours'] ?? String(DEFAULT_GRACE_HOURS));
    return async (keys) => {
      const { key, text, old } = await keys.rotate(id, grace * HOUR_SECONDS);
      const until = `${old.id} is good until ${stamp(old.expiresAt)}.`;
      return { lines: [...madeLines(key, text), until], json: { ...key, key: text, old } };
    };
  }
  if (what === 'revoke') {
    return async (keys) => {
      const key = await keys.revoke(id);
      return { lines: [`Revoked ${key.id} (${key.name}).`], json: key };
    };
  }
  return async (keys) => {
    const all = await keys.list();
    return { lines: all.length === 0 ? ['There are no API keys.'] : table(all), json: all };
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        scope: { type: 'string' },
        'expires-days': { type: 'string' },
        'grace-hours': { type: 'string' },
        rate: { type: 'string' },
        quota: { type: 'string' },
        'data-dir': { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function databaseUrl(options: Options): string {
  const { databaseUrl: url } = readEnvironment();
  if (url !== undefined) return url;
  try {
    const dataDir = resolve(options['data-dir'] ?? '.longrun');
    return (JSON.parse(readFileSync(stackFile(dataDir), 'utf8')) as Stack).postgres.url;
  } catch {
    throw new UsageError('longrun keys needs DATABASE_URL, or --data-dir of a stack that runs.');
  }
}

function scopeOf(text: string): Scope {
  if (isScope(text)) return text;
  throw new UsageError(`--scope is "${text}"; it must be one of ${SCOPES.join(', ')}.`);
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new UsageError(`${option} is "${text}"; it must be a number from 0 on.`);
}

/** Null when it is not given. */
function limitOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = positive(option, text);
  if (Number.isInteger(number) && number <= LARGEST_LIMIT) return number;
  throw new UsageError(
    `${option} is "${text}"; it must be a whole number from 0 to ${String(LARGEST_LIMIT)}.`,
  );
}

function madeLines(key: ApiKey, text: string): string[] {
  const until = key.expiresAt === null ? '' : ` until ${stamp(key.expiresAt)}`;
  return [text, `Key ${key.id} (${key.name}), scope ${key.scope}${until}. It is not shown again.`];
}

function table(keys: readonly ApiKey[]): string[] {
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scope,
    [stateOf(key), ...limitsOf(key)].join(', '),
    `used ${stamp(key.lastUsedAt)}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
}

function limitsOf({ ratePerSecond, runQuota }: ApiKey): string[] {
  const rate = ratePerSecond === null ? [] : [`${String(ratePerSecond)}/s`];
  const quota = runQuota === null ? [] : [`${String(runQuota)} runs`];
  return [...rate, ...quota];
}

function stateOf({ expiresAt, revokedAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${stamp(revokedAt)}`;
  return expiresAt === null ? 'good' : `good until ${stamp(expiresAt)}`;
}

/** To the minute, UTC. */
function stamp(date: Date | null): string {
  return date === null ? 'never' : `${date.toISOString().slice(0, 16)}Z`;
}
