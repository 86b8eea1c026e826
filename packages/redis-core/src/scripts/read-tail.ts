/**
 * Reading the hot tail of a run: only as far as it is contiguous from where the reader is.
 */
import type { CommandChannel } from '../connections/command-channel.js';
import type { TailRecord } from './tail-message.js';

/**
 * Records of a tail from `fromSeq` on, at most `count`: empty when the tail has lost that record, or never had it.
 * What is missing is in the log.
 *
 * @throws RedisError as {@link CommandChannel.call}
 */
export async function readTail(
  command: CommandChannel,
  tailKey: string,
  fromSeq: number,
  count: number,
): Promise<TailRecord[]> {
  const reply = await command.call('XRANGE', tailKey, `${String(fromSeq + 1)}-0`, '+', 'COUNT', count);
  const records: TailRecord[] = [];
  for (const [id, fields] of reply as [string, string[]][]) {
    const seq = Number.parseInt(id, 10) - 1;
    if (seq !== fromSeq + records.length) break;
    const [, event = '', , data = ''] = fields;
    records.push({ seq, event, data });
  }
  return records;
}
