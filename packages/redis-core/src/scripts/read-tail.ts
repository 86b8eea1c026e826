/**
 * Reading the hot tail of a run: only as far as it is contiguous from where the reader is, and no more than asked for.
 */
import type { ResilientRedisClient } from '../client/resilient-redis-client.js';
import { streamEntries } from '../client/replies.js';
import type { RedisScript } from './redis-script.js';
import type { TailRecord } from './tail-message.js';

/**
 * KEYS[1] the tail; ARGV[1] id to begin with; ARGV[2] entries at most; ARGV[3] bytes of data after which nothing more is
 * read. XRANGE alone knows no limit of bytes, so a few entries are looked at at a time. Returns entries as XRANGE does.
 */
const READ_TAIL: RedisScript = {
  name: 'read-tail',
  numberOfKeys: 1,
  lua: `
local start, left, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local found, bytes = {}, 0
while left > 0 do
  local asked = math.min(left, 20)
  local entries = redis.call('XRANGE', KEYS[1], start, '+', 'COUNT', asked)
  for i = 1, #entries do
    local fields = entries[i][2]
    found[#found + 1] = entries[i]
    for j = 2, #fields, 2 do if fields[j - 1] == 'd' then bytes = bytes + #fields[j] end end
    if bytes >= limit then return found end
  end
  if #entries < asked then return found end
  start = '(' .. entries[#entries][1]
  left = left - asked
end
return found
`,
};

/** How much is read at once. */
export interface TailLimits {
  readonly records: number;
  /** Of data: the record that reaches it is the last, so that there is always one. */
  readonly bytes: number;
}

/**
 * Records of a tail from `fromSeq` on, as far as the limits go: empty when the tail has lost that record, or never had it.
 * What is missing is in the log.
 *
 * @throws RedisError as every operation of the client
 */
export async function readTail(
  redis: ResilientRedisClient,
  tailKey: string,
  fromSeq: number,
  limits: TailLimits,
): Promise<TailRecord[]> {
  const args = [`${String(fromSeq + 1)}-0`, limits.records, limits.bytes];
  const reply = await redis.runScript(READ_TAIL, [tailKey], args, { idempotent: true });
  const records: TailRecord[] = [];
  for (const { id, fields } of streamEntries(reply)) {
    const seq = Number.parseInt(id, 10) - 1;
    if (seq !== fromSeq + records.length) break;
    records.push({ seq, event: fields['e'] ?? '', data: fields['d'] ?? '' });
  }
  return records;
}
