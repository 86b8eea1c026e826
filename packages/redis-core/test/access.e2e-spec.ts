/**
 * Getting in: as a user with few rights, and over TLS.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@longrun/local-services';
import { startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { createRedisKit, RedisServerError } from '../src/index.js';
import type { RedisKit, RedisSettings } from '../src/index.js';

/** For the name `localhost` and the address 127.0.0.1, signed by itself, valid until 2120. */
const CERTIFICATE = join(import.meta.dirname, 'tls/localhost.cert.pem');
const KEY = join(import.meta.dirname, 'tls/localhost.key.pem');

let closers: (() => Promise<void>)[] = [];

function kitFor(url: string, more: Partial<RedisSettings> = {}): RedisKit {
  const kit = createRedisKit({ url, connectTimeoutMs: 1_000, operationTimeoutMs: 1_000, ...more });
  closers.push(() => kit.close());
  return kit;
}

async function startRedis(serverArguments: string[] = []): Promise<TestRedis> {
  const redis = await startTestRedis({ serverArguments });
  closers.push(() => redis.stop());
  return redis;
}

/** Uses every role once. */
async function useEveryRole(kit: RedisKit): Promise<unknown[]> {
  await kit.connect();
  const producer = kit.bullmq('producer');
  await new Promise((resolve) => producer.once('ready', resolve));
  await kit.subscriber.subscribe('longrun:c', () => undefined).ready;
  return Promise.all([
    kit.command.call('SET', 'longrun:a', '1'),
    kit.exclusive.use((connection) => connection.call('GET', 'longrun:a')),
    producer.set('longrun:b', '2'),
  ]);
}

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

describe('a user of the server', () => {
  it('gets in by name and password in every role, and is told which command it may not use', async () => {
    const redis = await startRedis();
    const admin = kitFor(redis.url);
    await admin.connect();
    const rights = ['~longrun:*', '&longrun:*', '+@all', '-keys'];
    await admin.command.call('ACL', 'SETUSER', 'agent', 'on', '>p@ss/word', ...rights);
    await admin.command.call('ACL', 'SETUSER', 'default', 'off');
    const agent = kitFor(`redis://agent:p%40ss%2Fword@127.0.0.1:${String(redis.port)}`);
    expect(await useEveryRole(agent)).toEqual(['OK', '1', 'OK']);
    await expect(agent.command.call('KEYS', '*')).rejects.toMatchObject({
      outcome: 'definitive',
      code: 'NOPERM',
    });
    await expect(agent.command.call('GET', 'other')).rejects.toMatchObject({ code: 'NOPERM' });
  });

  it('is refused with a wrong password within the time for connecting, and no message has the password', async () => {
    const redis = await startRedis();
    const admin = kitFor(redis.url);
    await admin.connect();
    await admin.command.call('CONFIG', 'SET', 'requirepass', 'right');
    const kit = kitFor(`redis://:wrong-secret@127.0.0.1:${String(redis.port)}`);
    const failed = new Promise<string>((resolve) => kit.on('connect-failed', resolve));
    const startedAt = performance.now();
    const error: unknown = await kit.connect().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RedisServerError);
    expect(performance.now() - startedAt).toBeLessThan(1_100);
    expect((error as Error).message).toMatch(/WRONGPASS/);
    expect(await failed).toMatch(/WRONGPASS/);
    expect(kit.stats.connectFailures.auth).toBeGreaterThan(0);
    expect(`${(error as Error).message} ${kit.settings.displayUrl}`).not.toMatch(/wrong-secret/);
  });
});

describe('TLS', () => {
  it('carries every role when the certificate is trusted, and nothing when it is not', async () => {
    const tlsPort = String(await freePort());
    await startRedis([
      ...['--tls-port', tlsPort, '--tls-cert-file', CERTIFICATE, '--tls-key-file', KEY],
      ...['--tls-ca-cert-file', CERTIFICATE, '--tls-auth-clients', 'no'],
    ]);
    const url = `rediss://localhost:${tlsPort}`;
    const trusting = kitFor(url, { tls: { ca: readFileSync(CERTIFICATE) } });
    expect(await useEveryRole(trusting)).toEqual(['OK', '1', 'OK']);

    const distrusting = kitFor(url);
    await expect(distrusting.connect()).rejects.toThrow(/certificate/);
    expect(distrusting.stats.connectFailures.tls).toBeGreaterThan(0);
  });

  it('is not asked of a plain server in vain: the attempt ends in time', async () => {
    const redis = await startRedis();
    const kit = kitFor(`rediss://127.0.0.1:${String(redis.port)}`, { connectTimeoutMs: 300 });
    await expect(kit.connect()).rejects.toThrow(RedisServerError);
  });

  it('cannot be set for a URL without it', () => {
    expect(() => kitFor('redis://h', { tls: {} })).toThrow(/write rediss/);
  });
});
