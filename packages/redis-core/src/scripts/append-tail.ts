/**
 * Script: append a batch to the hot tail of a run and push it to its readers.
 */
import type { ResilientRedisClient } from '../client/resilient-redis-client.js';
import type { RedisArgument } from '../connections/command-channel.js';
import type { RedisScript } from './redis-script.js';
import type { TailRecord } from './tail-message.js';

/**
 * KEYS[1] the tail, a stream whose ids are `<seq + 1>-0` (Redis refuses `0-0`), fields `e` (event) and `d` (data); in a
 * cluster KEYS[2] is the channel, which is sharded and must be in the slot of the tail
 *
 * ARGV[1] channel; ARGV[2] maxlen; ARGV[3] time to live in ms; ARGV[4] largest message in bytes;
 * then triples: seq, event, data
 *
 * Records that the tail has are skipped. The others are added when they continue it; else the tail starts anew, so
 * that it never has a hole. Then everything that was given is published in one message, or announced by its numbers
 * when it is too large: a reader drops what it has. Returns the number of records added.
 */
function appendTailScript(publishCommand: 'PUBLISH' | 'SPUBLISH'): RedisScript {
  return {
    name: 'append-tail',
    // A cluster wants everything declared that it finds by a slot; a sharded channel is such a thing.
    numberOfKeys: publishCommand === 'SPUBLISH' ? 2 : 1,
    lua: `
local call, tail, maxlen, limit = redis.call, KEYS[1], ARGV[2], tonumber(ARGV[4])
local newest, last = call('XREVRANGE', tail, '+', '-', 'COUNT', 1)[1], -1
if newest then
  -- The usual case first, without a number being read: the newest entry is the one before the batch.
  if newest[1] == ARGV[5] .. '-0' then last = ARGV[5] - 1 else last = tonumber(string.match(newest[1], '^%d+')) - 1 end
end
local added, bytes, parts = 0, -1, {}
for i = 5, #ARGV, 3 do
  local seq, event, data = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local number = tonumber(seq)
  if number > last then
    if last >= 0 and number ~= last + 1 then call('DEL', tail) end
    call('XADD', tail, 'MAXLEN', '~', maxlen, string.format('%.0f-0', number + 1), 'e', event, 'd', data)
    last = number
    added = added + 1
  end
  bytes = bytes + #seq + #event + #data + 3
  if bytes <= limit then parts[#parts + 1] = seq .. '\\t' .. event .. '\\t' .. data end
end
call('PEXPIRE', tail, ARGV[3])
if bytes <= limit then
  call('${publishCommand}', ARGV[1], #parts == 1 and parts[1] or table.concat(parts, '\\n'))
else
  call('${publishCommand}', ARGV[1], '!' .. ARGV[5] .. '\\t' .. ARGV[#ARGV - 2])
end
return added
`,
  };
}

/** For one server. */
export const APPEND_TAIL = appendTailScript('PUBLISH');
/** For a cluster, with the channel as its second key. */
const APPEND_TAIL_SHARDED = appendTailScript('SPUBLISH');

/** Where a batch goes, and the limits of the tail. */
export interface TailTarget {
  readonly tailKey: string;
  /** In a cluster in the slot of the tail: with the same part in braces. */
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
  const reply =
    redis.kit.publishCommand === 'SPUBLISH'
      ? await redis.runScript(APPEND_TAIL_SHARDED, [target.tailKey, target.channel], args, options)
      : await redis.runScript(APPEND_TAIL, [target.tailKey], args, options);
  return Number(reply);
}
