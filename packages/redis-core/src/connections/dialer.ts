/**
 * Opens the connections of a kit: finds out where to, bounds the time of the whole, gives every connection its name,
 * and counts. The roles differ in what their connections are for, not in how they come to be.
 */
import { ConnectionStats } from './connection-stats.js';
import type { ConnectionRole } from './connection-stats.js';
import { nodeOptions } from './endpoint-options.js';
import type { ServerOptions } from './endpoint-options.js';
import { findPrimary } from './find-primary.js';
import { openOneLife } from './one-life-connection.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { nodeName } from './redis-address.js';
import type { NodeAddress } from './redis-address.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** Roles whose connections are opened here; BullMQ opens its own. */
export type DialedRole = Exclude<ConnectionRole, 'sentinel' | 'bullmq-producer' | 'bullmq-consumer'>;

export class Dialer {
  readonly stats = new ConnectionStats();

  constructor(readonly settings: ResolvedRedisSettings) {}

  /**
   * Opens a connection.
   *
   * @param node which server of a cluster; elsewhere the address says it
   * @returns the connection, ready for commands
   * @throws Error when it was not ready within `connectTimeoutMs`, or was refused; the message says why
   */
  async open(role: DialedRole, signal?: AbortSignal, node?: NodeAddress): Promise<OneLifeConnection> {
    signal?.throwIfAborted();
    const { connectTimeoutMs } = this.settings;
    const limit = new AbortController();
    const abort = (): void => {
      limit.abort();
    };
    const timer = setTimeout(abort, connectTimeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    this.stats.attempted(role);
    try {
      const connection = await this.openWithin(role, limit.signal, node);
      this.stats.opened(role);
      void connection.ended.then(() => {
        this.stats.ended(role, connection.endedByUs);
      });
      return connection;
    } catch (error) {
      const timedOut = limit.signal.aborted && signal?.aborted !== true;
      const failure = timedOut
        ? new Error(`no handshake within ${String(connectTimeoutMs)} ms`, { cause: error })
        : error;
      // Whom the caller gave up on has not failed.
      if (signal?.aborted !== true) this.stats.failed(role, messageOf(failure));
      throw failure;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  private async openWithin(
    role: DialedRole,
    signal: AbortSignal,
    node: NodeAddress | undefined,
  ): Promise<OneLifeConnection> {
    const { settings } = this;
    const target = node ?? (await this.findTarget(signal));
    const connection = await openOneLife(
      { ...nodeOptions(settings, target), ...this.roleOptions(role) },
      signal,
      settings.writeCoalescing,
    );
    if (settings.address.kind === 'sentinel') await refuseReplica(connection, target, signal);
    return connection;
  }

  private async findTarget(signal: AbortSignal): Promise<NodeAddress> {
    const { address, displayUrl } = this.settings;
    if (address.kind === 'single') return address.node;
    if (address.kind === 'sentinel') return findPrimary(this.settings, address, signal);
    throw new TypeError(`A connection to the cluster ${displayUrl} needs to know to which of its nodes.`);
  }

  private roleOptions(role: DialedRole): ServerOptions {
    const { clientName, keyPrefix, maxConnections, operationTimeoutMs } = this.settings;
    const takesPrefix = keyPrefix !== '' && role === 'exclusive';
    return {
      // The ceiling of the whole process goes along, so that others can add up what all may open.
      connectionName: `${clientName}:${role}${role === 'command' ? `:${String(maxConnections)}` : ''}`,
      // An exclusive connection may wait in a blocking command; the pool bounds its use instead.
      ...(role === 'exclusive' ? {} : { socketTimeout: operationTimeoutMs }),
      ...(takesPrefix ? { keyPrefix } : {}),
    };
  }
}

/** A Sentinel that was away may name a primary of the past, and one that was replaced comes back as a replica. */
async function refuseReplica(
  connection: OneLifeConnection,
  target: NodeAddress,
  signal: AbortSignal,
): Promise<void> {
  const cut = (): void => {
    connection.destroy('closed');
  };
  signal.addEventListener('abort', cut, { once: true });
  if (signal.aborted) cut();
  let role: string | undefined;
  try {
    const reply: unknown = await connection.redis.call('ROLE');
    role = Array.isArray(reply) ? String(reply[0]) : undefined;
  } catch (error) {
    // A user that may not ask: a write would tell (READONLY), and the connection be replaced then.
    if (!connection.isWritable()) throw new Error(await connection.ended, { cause: error });
  } finally {
    signal.removeEventListener('abort', cut);
  }
  if (role === undefined || role === 'master') return;
  connection.destroy('not a primary');
  await connection.ended;
  throw new Error(`${nodeName(target)}, which a Sentinel named as the primary, has the role ${role}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
