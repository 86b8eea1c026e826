/**
 * Executing a script over any channel: by its hash first, by its text when the server does not know it.
 */
import type { CommandChannel, RedisArgument } from './command-channel.js';
import { RedisError } from '../redis-error.js';
import { scriptHash } from '../scripts/redis-script.js';
import type { RedisScript } from '../scripts/redis-script.js';

/** See {@link CommandChannel.run}. */
export async function runScript(
  channel: Pick<CommandChannel, 'call'>,
  script: RedisScript,
  keys: readonly string[],
  args: readonly RedisArgument[],
): Promise<unknown> {
  if (keys.length !== script.numberOfKeys) {
    const expected = `${String(script.numberOfKeys)} keys, got ${String(keys.length)}`;
    throw new TypeError(`Script ${script.name} takes ${expected}.`);
  }
  try {
    return await channel.call('EVALSHA', scriptHash(script), keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof RedisError) || error.code !== 'NOSCRIPT') throw error;
    return channel.call('EVAL', script.lua, keys.length, ...keys, ...args);
  }
}
