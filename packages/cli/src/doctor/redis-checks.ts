/**
 * Whether Redis is one that Longrun can use, and lets everybody in.
 */
import { createRedisKit, RedisServerError, type RedisKit } from '@longrun/redis-core';

import { judge, reasonOf, type Finding } from './finding.js';

/** What is to be run. */
export interface RedisPlan {
  readonly url: string;
  /** Connections that all processes together may open. */
  readonly connections: number;
}

const TIMEOUT_MS = 2_000;
const CLIENT_NAME = 'longrun-doctor';

export async function checkRedis({ url, connections }: RedisPlan): Promise<Finding[]> {
  let kit: RedisKit | undefined;
  try {
    kit = createRedisKit({
      url,
      connectTimeoutMs: TIMEOUT_MS,
      operationTimeoutMs: TIMEOUT_MS,
      clientName: CLIENT_NAME,
      maxConnections: 3,
    });
    await kit.connect();
    const info = parseInfo(String(await kit.command.call('INFO')));
    return [
      await serverFinding(kit, info),
      persistenceFinding(info),
      await clientsFinding(kit, info, connections),
    ];
  } catch (error) {
    const remedy = 'Start it, or correct REDIS_URL.';
    return [{ check: 'redis', status: 'problem', what: `Redis does not answer: ${reasonOf(error)}`, remedy }];
  } finally {
    await kit?.close();
  }
}

/** Version, role and eviction, as every process judges them at its start. */
async function serverFinding(kit: RedisKit, info: ReadonlyMap<string, string>): Promise<Finding> {
  const version = info.get('redis_version') ?? 'unknown';
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  try {
    await kit.checkServer();
  } catch (error) {
    // How many may come is judged below, with all that is to be run.
    if (!(error instanceof RedisServerError)) throw error;
    if (error.code !== 'REDIS_TOO_FEW_CLIENTS') {
      const value = error.code === 'REDIS_MAY_EVICT' ? policy : version;
      const remedy = 'No process starts on it until that is mended.';
      return { check: 'redis', status: 'problem', what: error.message, value, remedy };
    }
  }
  return {
    check: 'redis',
    status: 'ok',
    what: `Redis answers; it is version ${version}, with maxmemory-policy ${policy}.`,
    value: version,
  };
}

function persistenceFinding(info: ReadonlyMap<string, string>): Finding {
  const isOn = info.get('aof_enabled') === '1';
  return judge({
    check: 'redis-persistence',
    isWell: isOn,
    otherwise: 'advice',
    what: `appendonly is ${isOn ? 'on' : 'off'}. Nothing is lost without it: runs and events are in Postgres.`,
    value: isOn ? 'yes' : 'no',
    remedy: 'Set appendonly yes, so that a restart of Redis does not have all waiting runs enqueued again.',
  });
}

async function clientsFinding(
  kit: RedisKit,
  info: ReadonlyMap<string, string>,
  connections: number,
): Promise<Finding> {
  const check = 'redis-connections';
  const [, told] = (await kit.command.call('CONFIG', 'GET', 'maxclients').catch(() => [])) as unknown[];
  const limit = Number(info.get('maxclients') ?? told);
  if (!(limit > 0)) return { check, status: 'skipped', what: 'Redis does not tell its maxclients.' };
  const list = String(await kit.command.call('CLIENT', 'LIST').catch(() => '')).trim();
  const others = list.split('\n').filter((line) => line !== '' && !/ name=longrun-/.test(line)).length;
  return judge({
    check,
    isWell: connections + others <= limit,
    what: `The processes may open ${String(connections)} connections, there are ${String(others)} others, and maxclients is ${String(limit)}.`,
    value: limit,
    remedy: `Raise maxclients to ${String(connections + others)} or more, or lower REDIS_MAX_CONNECTIONS or REDIS_MAX_CONCURRENT_OPS.`,
  });
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
