/**
 * Asking the Sentinels where the primary is. All are asked at once, so that one that is away costs no time, and every
 * life asks anew: after a failover the next life leads to the new primary.
 *
 * ioredis has this too, but asks one after the other, each with the whole timeout, and cannot be interrupted.
 */
import { sentinelOptions } from './endpoint-options.js';
import { openOneLife } from './one-life-connection.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress, SentinelAddress } from './redis-address.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** Asks who is the primary; the first Sentinel that knows it decides, the others are not waited for. */
export async function findPrimary(
  settings: ResolvedRedisSettings,
  address: SentinelAddress,
  signal: AbortSignal,
): Promise<NodeAddress> {
  const answered = new AbortController();
  const abort = (): void => {
    answered.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  const questions = address.sentinels.map((sentinel) => askOne(settings, address, sentinel, answered.signal));
  try {
    return await Promise.any(questions);
  } catch (error) {
    const reasons = (error as AggregateError).errors.map(messageOf).join('; ');
    throw new Error(`no Sentinel names a primary for ${address.master} (${reasons})`, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
    answered.abort();
    // Their sockets are closed when this is over, whoever was first.
    await Promise.allSettled(questions);
  }
}

async function askOne(
  settings: ResolvedRedisSettings,
  { master }: SentinelAddress,
  sentinel: NodeAddress,
  signal: AbortSignal,
): Promise<NodeAddress> {
  let connection: OneLifeConnection | undefined;
  const cut = (): void => {
    connection?.destroy('another Sentinel was faster, or the time is over');
  };
  try {
    connection = await openOneLife(
      {
        ...sentinelOptions(settings, sentinel),
        connectionName: `${settings.clientName}:sentinel`,
        socketTimeout: settings.connectTimeoutMs,
      },
      signal,
      false,
    );
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    const reply: unknown = await connection.redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master);
    const [host, port] = Array.isArray(reply) ? (reply as unknown[]).map(String) : [];
    if (host === undefined || port === undefined) throw new Error('it does not know that name');
    return { host, port: Number(port) };
  } catch (error) {
    throw new Error(`${nodeName(sentinel)}: ${messageOf(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', cut);
    connection?.destroy('answered');
    await connection?.ended;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
