/**
 * What a Lua script is to the connections: its text, and the hash under which the server caches it.
 */
import { createHash } from 'node:crypto';

/** A Lua script. Its keys are KEYS[1..numberOfKeys], so that it also works in a cluster. */
export interface RedisScript {
  /** For messages. */
  readonly name: string;
  readonly lua: string;
  readonly numberOfKeys: number;
}

const hashes = new WeakMap<RedisScript, string>();

/** SHA-1 of the script's text, as `EVALSHA` wants it; computed once. */
export function scriptHash(script: RedisScript): string {
  let hash = hashes.get(script);
  if (hash === undefined) {
    hash = createHash('sha1').update(script.lua).digest('hex');
    hashes.set(script, hash);
  }
  return hash;
}
