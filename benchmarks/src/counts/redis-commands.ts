/**
 * What Redis has executed, by its own counts: also what scripts call.
 */
import { askRedis } from '@longrun/testing';

export type CommandCounts = ReadonlyMap<string, number>;

/** Commands that the counting itself sends. */
const OURS = new Set(['info', 'client|list']);

export async function readCommands(redisUrl: string): Promise<CommandCounts> {
  return parseCommandStats(String(await askRedis(Number(new URL(redisUrl).port), 'INFO', 'commandstats')));
}

/** `cmdstat_get:calls=3,usec=…` → get 3. */
export function parseCommandStats(text: string): CommandCounts {
  const counts = new Map<string, number>();
  for (const [, name = '', calls] of text.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)) {
    if (!OURS.has(name)) counts.set(name, Number(calls));
  }
  return counts;
}

export function commandsBetween(before: CommandCounts, after: CommandCounts): CommandCounts {
  const grown = [...after].map(([name, calls]): [string, number] => [name, calls - (before.get(name) ?? 0)]);
  return new Map(grown.filter(([, calls]) => calls > 0));
}

/** Connections to the server, without ours. */
export async function countClients(redisUrl: string): Promise<number> {
  const list = String(await askRedis(Number(new URL(redisUrl).port), 'CLIENT', 'LIST'));
  return list.trim().split('\n').length - 1;
}

/** Names of the connections' owners and how many each has, as in `longrun-api 4`. */
export async function readConnections(redisUrl: string): Promise<Map<string, number>> {
  const list = String(await askRedis(Number(new URL(redisUrl).port), 'CLIENT', 'LIST'));
  const counts = new Map<string, number>();
  for (const [, name = ''] of list.matchAll(/ name=(\S*)/g)) {
    // BullMQ renames the connection on which a worker waits for jobs: {longrun}:<queue>.
    const owner = name.startsWith('{') ? 'longrun-worker' : (name.split(':')[0] ?? '');
    if (owner !== '') counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return counts;
}
