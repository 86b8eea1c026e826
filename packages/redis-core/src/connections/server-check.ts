/**
 * Whether the server is one that Longrun can use: checked once at start, with a sentence for everything that is not.
 */
import type { CommandChannel } from './command-channel.js';
import { RedisServerError } from '../redis-error.js';

/** Oldest server that has every command of the scripts and of BullMQ's. */
const MINIMUM_VERSION = [6, 2] as const;

/**
 * Checks version, role and eviction policy.
 *
 * @throws RedisServerError the first thing that is wrong, with the remedy
 */
export async function checkServer(command: CommandChannel, displayUrl: string): Promise<void> {
  const at = `Redis at ${displayUrl}`;
  const info = await readInfo(command, at);
  const version = info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor, minMinor] = MINIMUM_VERSION;
  if (major < minMajor || (major === minMajor && minor < minMinor)) {
    const minimum = MINIMUM_VERSION.join('.');
    throw new RedisServerError(
      'REDIS_TOO_OLD',
      `${at} is version ${version === '' ? 'unknown' : version}; Longrun needs ${minimum} or later (or Valkey).`,
    );
  }
  const role = info.get('role');
  if (role !== 'master') {
    throw new RedisServerError(
      'REDIS_NOT_MASTER',
      `${at} has the role ${role ?? 'unknown'} and refuses writes; set REDIS_URL to the master.`,
    );
  }
  const policy = info.get('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new RedisServerError(
      'REDIS_MAY_EVICT',
      `${at} has maxmemory-policy ${policy ?? 'unknown'} and may delete queue entries when its memory is full; ` +
        'run CONFIG SET maxmemory-policy noeviction, and set it in redis.conf.',
    );
  }
}

async function readInfo(command: CommandChannel, at: string): Promise<Map<string, string>> {
  let text: unknown;
  try {
    text = await command.call('INFO');
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
