/**
 * Script: append a batch to the hot tail of a run and push it to its readers.
 */
import type { ResilientRedisClient } from '../client/resilient-redis-client.js';
import type { RedisArgument } from '../connections/command-channel.js';
import type { RedisScript } from './redis-script.js';
import type { TailRecord } from './tail-message.js';

/**
 * KEYS[1] the tail, a stream whose ids are `<seq + 1>-0` (Redis refuses `0-0`), fields `e` (event) and `d` (data)
 *
 * ARGV[1] channel; ARGV[2] maxlen; ARGV[3] time to live in ms; ARGV[4] largest message in bytes;
 * then triples: seq, event, data
 *
 * Records that the tail has are skipped. The others are added when they continue it; else the tail starts anew, so
 * that it never has a hole. Then everything that was given is published in one message, or announced by its numbers
 * when it is too large: a reader drops what it has. Returns the number of records added.
 */
export const APPEND_TAIL: RedisScript = {
  name: 'append-tail',
  numberOfKeys: 1,
  lua: `
local tail, channel, maxlen, ttl, limit = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local last = -1
local newest = redis.call('XREVRANGE', tail, '+', '-', 'COUNT', 1)
if newest[1] then last = tonumber(string.match(newest[1][1], '^(%d+)')) - 1 end
local added, bytes, parts = 0, 0, {}
for i = 5, #ARGV, 3 do
  local seq = tonumber(ARGV[i])
  if seq > last then
    if last >= 0 and seq ~= last + 1 then redis.call('DEL', tail) end
    redis.call('XADD', tail, 'MAXLEN', '~', maxlen, string.format('%.0f-0', seq + 1), 'e', ARGV[i + 1], 'd', ARGV[i + 2])
    last = seq
    added = added + 1
  end
  bytes = bytes + #ARGV[i] + #ARGV[i + 1] + #ARGV[i + 2] + 3
  if bytes <= limit + 1 then parts[#parts + 1] = ARGV[i] .. '\\t' .. ARGV[i + 1] .. '\\t' .. ARGV[i + 2] end
end
redis.call('PEXPIRE', tail, ttl)
if bytes <= limit + 1 then
  redis.call('PUBLISH', channel, table.concat(parts, '\\n'))
else
  redis.call('PUBLISH', channel, '!' .. ARGV[5] .. '\\t' .. ARGV[#ARGV - 2])
end
return added
`,
};

/** Where a batch goes, and the limits of the tail. */
export interface TailTarget {
  readonly tailKey: string;
  readonly channel: string;
  /** Entries the tail keeps, about. */
  readonly maxLength: number;
  /** Milliseconds that the tail lives after its last append. */
  readonly ttlMs: number;
  /** Largest message that carries the records themselves, in bytes. */
  readonly publishLimitBytes: number;
}

/**
 * Appends records, which follow each other by number, to a tail and publishes them. Safe to repeat.
 *
 * @returns how many were new to the tail
 * @throws RedisError as every operation of the client; RangeError for an empty batch
 */
export async function appendTail(
  redis: ResilientRedisClient,
  target: TailTarget,
  records: readonly TailRecord[],
): Promise<number> {
  if (records.length === 0) throw new RangeError('A batch for the tail must hold at least one record.');
  const args: RedisArgument[] = [target.channel, target.maxLength, target.ttlMs, target.publishLimitBytes];
  for (const { seq, event, data } of records) args.push(seq, event, data);
  const options = { idempotent: true, priority: 'high' } as const;
  return Number(await redis.runScript(APPEND_TAIL, [target.tailKey], args, options));
}
