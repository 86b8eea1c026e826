/**
 * Whether the server is one that Longrun can use: checked once at start, with a sentence for everything that is not.
 */
import { takeCensus } from './client-census.js';
import type { CommandChannel } from './command-channel.js';
import { RedisServerError } from '../redis-error.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** Oldest server that has every command of the scripts and of BullMQ's. */
const MINIMUM_VERSION = [6, 2] as const;
/** Sharded channels came with this one. */
const MINIMUM_CLUSTER_VERSION = [7, 0] as const;

/** What a check has found that is no reason to stop. */
export interface ServerReport {
  /** One sentence each; empty when everything could be checked. */
  readonly warnings: readonly string[];
}

/** What to check, and what the kit knows itself. */
export interface ServerToCheck {
  readonly channel: Pick<CommandChannel, 'call'>;
  /** For messages. */
  readonly name: string;
  /** Connections of this process to it that are open already. */
  readonly openConnections: number;
}

/**
 * Checks version, role, eviction policy, and that all clients together fit into what the server allows.
 *
 * @throws RedisServerError the first thing that is wrong, with the remedy
 */
export async function checkServer(
  server: ServerToCheck,
  settings: ResolvedRedisSettings,
): Promise<ServerReport> {
  const at = `Redis at ${server.name}`;
  const info = await readInfo(server.channel, at);
  checkVersion(info, at, settings.address.kind === 'cluster' ? MINIMUM_CLUSTER_VERSION : MINIMUM_VERSION);
  checkRole(info, at);
  checkEviction(info, at);
  return { warnings: await checkClients(server, settings, info, at) };
}

function checkVersion(info: ServerInfo, at: string, minimum: readonly [number, number]): void {
  const version = info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return;
  const found = version === '' ? 'unknown' : version;
  throw new RedisServerError(
    'REDIS_TOO_OLD',
    `${at} is version ${found}; Longrun needs ${minimum.join('.')} or later (or Valkey).`,
  );
}

function checkRole(info: ServerInfo, at: string): void {
  const role = info.get('role');
  if (role === 'master') return;
  throw new RedisServerError(
    'REDIS_NOT_MASTER',
    `${at} has the role ${role ?? 'unknown'} and refuses writes; set REDIS_URL to the master.`,
  );
}

function checkEviction(info: ServerInfo, at: string): void {
  const policy = info.get('maxmemory_policy');
  if (policy === 'noeviction') return;
  throw new RedisServerError(
    'REDIS_MAY_EVICT',
    `${at} has maxmemory-policy ${policy ?? 'unknown'} and may delete queue entries when its memory is full; ` +
      'run CONFIG SET maxmemory-policy noeviction, and set it in redis.conf.',
  );
}

/** Returns warnings. */
async function checkClients(
  { channel, openConnections }: ServerToCheck,
  { clientName, maxConnections }: ResolvedRedisSettings,
  info: ServerInfo,
  at: string,
): Promise<string[]> {
  const maxClients = await readMaxClients(channel, info);
  if (maxClients === undefined) {
    return [`${at} does not tell maxclients, so it is not checked whether it allows all connections.`];
  }
  // The links of a cluster count like clients.
  const links = Number(info.get('cluster_connections') ?? 0);
  let needed: number;
  let sum: string;
  const warnings: string[] = [];
  try {
    const name = `${clientName}:command:${String(maxConnections)}`;
    const list = String(await channel.call('CLIENT', 'LIST'));
    const { processes, mayOpen, foreign } = takeCensus(list, { name, ceiling: maxConnections });
    needed = mayOpen + foreign + links;
    sum =
      `${String(processes)} ${processes === 1 ? 'process' : 'processes'} of Longrun may open ${String(mayOpen)} ` +
      `(this one ${String(maxConnections)}), and there are ${String(foreign + links)} others`;
  } catch (error) {
    const connected = Number(info.get('connected_clients') ?? 0) + links;
    needed = connected - openConnections + maxConnections;
    sum = `${String(connected)} are connected, and this process may open ${String(maxConnections - openConnections)} more`;
    const reason = error instanceof Error ? error.message : String(error);
    warnings.push(
      `${at} does not list its clients (${reason}), so what other processes have yet to open is not counted.`,
    );
  }
  if (needed <= maxClients) return warnings;
  throw new RedisServerError(
    'REDIS_TOO_FEW_CLIENTS',
    `${at} allows ${String(maxClients)} clients (maxclients), but there may be ${String(needed)}: ${sum}. ` +
      `Raise it to ${String(needed)} or more (CONFIG SET maxclients ${String(needed)}, and in redis.conf), or lower ` +
      'REDIS_MAX_CONNECTIONS or REDIS_MAX_CONCURRENT_OPS.',
  );
}

async function readMaxClients(
  channel: ServerToCheck['channel'],
  info: ServerInfo,
): Promise<number | undefined> {
  const told = info.get('maxclients');
  if (told !== undefined) return Number(told);
  try {
    const [, value] = (await channel.call('CONFIG', 'GET', 'maxclients')) as [unknown, unknown];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

type ServerInfo = ReadonlyMap<string, string>;

async function readInfo(channel: ServerToCheck['channel'], at: string): Promise<ServerInfo> {
  let text: unknown;
  try {
    text = await channel.call('INFO');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RedisServerError('REDIS_INFO_REFUSED', `${at} did not answer INFO: ${reason}`, {
      cause: error,
    });
  }
  const lines = String(text).split('\r\n');
  return new Map(lines.filter((line) => line.includes(':')).map(toPair));
}

function toPair(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1)];
}
