/**
 * Reading the hot tail of a run: only as far as it is contiguous from where the reader is.
 */
import type { ResilientRedisClient } from '../client/resilient-redis-client.js';
import type { TailRecord } from './tail-message.js';

/**
 * Records of a tail from `fromSeq` on, at most `count`: empty when the tail has lost that record, or never had it.
 * What is missing is in the log.
 *
 * @throws RedisError as every operation of the client
 */
export async function readTail(
  redis: ResilientRedisClient,
  tailKey: string,
  fromSeq: number,
  count: number,
): Promise<TailRecord[]> {
  const entries = await redis.xrange(tailKey, `${String(fromSeq + 1)}-0`, '+', { count });
  const records: TailRecord[] = [];
  for (const { id, fields } of entries) {
    const seq = Number.parseInt(id, 10) - 1;
    if (seq !== fromSeq + records.length) break;
    records.push({ seq, event: fields['e'] ?? '', data: fields['d'] ?? '' });
  }
  return records;
}
