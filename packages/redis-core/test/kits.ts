/**
 * Servers and kits of a test, closed after it in the opposite order.
 */
import { startTcpProxy, startTestRedis } from '@longrun/testing';
import type { TcpProxy, TestRedis } from '@longrun/testing';

import { createRedisKit } from '../src/index.js';
import type { RedisKit, RedisSettings } from '../src/index.js';

export class Kits {
  private closers: (() => Promise<void>)[] = [];

  /** @param limitMs time for connecting and for operations, unless a kit is made with others */
  constructor(private readonly limitMs: number) {}

  closeAfterwards(closer: () => Promise<void>): void {
    this.closers.push(closer);
  }

  async startRedis(serverArguments: string[] = []): Promise<TestRedis> {
    const redis = await startTestRedis({ serverArguments });
    this.closers.push(() => redis.stop());
    return redis;
  }

  async startProxy(redis: TestRedis): Promise<TcpProxy> {
    const proxy = await startTcpProxy({ port: redis.port });
    this.closers.push(() => proxy.close());
    return proxy;
  }

  make(url: string, more: Partial<RedisSettings> = {}): RedisKit {
    const limits = { connectTimeoutMs: this.limitMs, operationTimeoutMs: this.limitMs };
    const kit = createRedisKit({ url, ...limits, ...more });
    this.closers.push(() => kit.close());
    return kit;
  }

  async connect(url: string, more?: Partial<RedisSettings>): Promise<RedisKit> {
    const kit = this.make(url, more);
    await kit.connect();
    return kit;
  }

  async closeAll(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    this.closers = [];
  }
}
