/**
 * The check at the start: what is wrong with a server is said before anything is built on it.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { TestRedis } from '@longrun/testing';

import type { RedisKit } from '../src/index.js';
import { Kits } from './kits.js';

const kits = new Kits(1_000);

/** A kit of a user that may do everything but what is named. */
async function kitOfUser(redis: TestRedis, ...refused: string[]): Promise<RedisKit> {
  const admin = await kits.connect(redis.url, { clientName: 'admin', maxConnections: 3 });
  const rights = ['~*', '&*', '+@all', ...refused];
  await admin.command.call('ACL', 'SETUSER', 'limited', 'on', '>pw', ...rights);
  await admin.close();
  return kits.connect(redis.url.replace('redis://', 'redis://limited:pw@'), { maxConnections: 10 });
}

afterEach(() => kits.closeAll());

describe('the check of what a server is', () => {
  it('accepts a usable one and names what is wrong with another', async () => {
    const redis = await kits.startRedis();
    const kit = await kits.connect(redis.url);
    expect(await kit.checkServer()).toEqual({ warnings: [] });
    await kit.command.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(kit.checkServer()).rejects.toMatchObject({ code: 'REDIS_MAY_EVICT' });
    await kit.command.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await kit.command.call('REPLICAOF', '127.0.0.1', '1');
    await expect(kit.checkServer()).rejects.toMatchObject({ code: 'REDIS_NOT_MASTER' });
    await kit.command.call('REPLICAOF', 'NO', 'ONE');
  });
});

describe('the check of how many clients a server allows', () => {
  it('adds up what all processes may open, foreign clients included, and says all numbers', async () => {
    const redis = await kits.startRedis(['--maxclients', '64']);
    const api = await kits.connect(redis.url, { clientName: 'longrun-api', maxConcurrentOps: 20 });
    const worker = await kits.connect(redis.url, { clientName: 'longrun-worker', maxConnections: 33 });
    await Promise.all(
      [api, worker].map(({ subscriber }) => subscriber.subscribe('c', () => undefined).ready),
    );
    expect(await api.checkServer()).toEqual({ warnings: [] });

    // 30 + 33 are possible; the 64th place is for this one, and the 65th is missing.
    const foreign = await kits.connect(redis.url, { clientName: 'x', maxConnections: 3 });
    await foreign.command.call('CLIENT', 'SETNAME', 'somebody');
    await foreign.subscriber.close();
    expect(await worker.checkServer()).toEqual({ warnings: [] });
    await foreign.exclusive.use(async (connection) => {
      await connection.call('CLIENT', 'SETNAME', 'somebody-else');
      await expect(worker.checkServer()).rejects.toMatchObject({
        code: 'REDIS_TOO_FEW_CLIENTS',
        message: expect.stringMatching(
          /allows 64 clients .* may be 65: 2 processes of Longrun may open 63 \(this one 33\), and there are 2 others\. Raise it to 65 .*REDIS_MAX_CONNECTIONS/,
        ) as unknown,
      });
    });
  });

  it('falls back to the connected clients, and says so, where the list is refused', async () => {
    const redis = await kits.startRedis(['--maxclients', '33']);
    const kit = await kitOfUser(redis, '-client|list');
    const { warnings } = await kit.checkServer();
    expect(warnings).toEqual([expect.stringMatching(/does not list its clients .*NOPERM.* is not counted/)]);
    const greedy = await kits.connect(redis.url.replace('redis://', 'redis://limited:pw@'), {
      maxConnections: 33,
    });
    await expect(greedy.checkServer()).rejects.toMatchObject({ code: 'REDIS_TOO_FEW_CLIENTS' });
  });

  it('reads the limit without CONFIG', async () => {
    const redis = await kits.startRedis(['--maxclients', '33']);
    const kit = await kitOfUser(redis, '-config');
    expect(await kit.checkServer()).toEqual({ warnings: [] });
  });
});
