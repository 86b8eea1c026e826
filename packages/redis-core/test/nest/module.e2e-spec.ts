/**
 * The Nest module, its health indicator, and a real application around them.
 */
import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis, waitUntil } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import type { HealthCheckResult } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import request from 'supertest';

import { RedisError, ResilientRedisClient } from '../../src/index.js';
import type { RedisKit } from '../../src/index.js';
import { REDIS_KIT, RedisCoreModule } from '../../src/nest/index.js';
import type { RedisCoreModuleOptions } from '../../src/nest/index.js';
import { RedisHealthIndicator } from '../../src/nest/terminus.js';

class Options {
  static given: RedisCoreModuleOptions = { url: '' };
  readonly url = Options.given.url;
}

@Module({ providers: [Options], exports: [Options] })
class OptionsModule {}

@Controller()
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(RedisHealthIndicator) private readonly redis: RedisHealthIndicator,
  ) {}

  @Get('health')
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.redis.isHealthy('redis', { timeoutMs: 300 })]);
  }
}

let server: TestRedis;
let app: INestApplication | undefined;

beforeEach(async () => {
  server = await startTestRedis();
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  await server.stop();
});

describe('the module', () => {
  it('connects before the application serves, and closes when it has stopped', async () => {
    const module = await Test.createTestingModule({
      imports: [RedisCoreModule.forRoot({ url: server.url })],
    }).compile();
    app = module.createNestApplication(new FastifyAdapter(), { logger: false });
    await app.init();
    const client = app.get(ResilientRedisClient);
    expect(app.get<RedisKit>(REDIS_KIT)).toBe(client.kit);
    expect(await client.ping()).toBe('PONG');

    await app.close();
    app = undefined;
    const failure: unknown = await client.ping().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RedisError);
    expect(failure).toMatchObject({ code: 'CLOSED', outcome: 'not-executed' });
  });

  it('takes its options from other providers', async () => {
    Options.given = { url: server.url };
    const module = await Test.createTestingModule({
      imports: [
        RedisCoreModule.forRootAsync({
          imports: [OptionsModule],
          inject: [Options],
          useFactory: ({ url }: Options) => ({ url, clientName: 'from-factory' }),
        }),
      ],
    }).compile();
    app = module.createNestApplication(new FastifyAdapter(), { logger: false });
    await app.init();
    const clients = String(await app.get(ResilientRedisClient).execute(['CLIENT', 'LIST']));
    expect(clients).toContain('name=from-factory:command');
  });

  it('does not start without Redis, unless it is told that Redis is not required', async () => {
    await server.kill();
    const start = async (options: Partial<RedisCoreModuleOptions>) => {
      const module = await Test.createTestingModule({
        imports: [RedisCoreModule.forRoot({ url: server.url, connectTimeoutMs: 200, ...options })],
      }).compile();
      const application = module.createNestApplication(new FastifyAdapter(), { logger: false });
      return application.init();
    };
    await expect(start({})).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });

    const told: Error[] = [];
    app = await start({ required: false, onAway: (error) => told.push(error) });
    expect(told).toHaveLength(1);
    const client = app.get(ResilientRedisClient);
    await waitUntil(() => client.breaker.state.kind === 'open');
    await server.restart();
    // Not when there is a connection: the circuit closes one round trip later.
    await waitUntil(() => client.available);
    expect(await client.ping()).toBe('PONG');
  });

  it('does not start on a server that may lose keys, required or not', async () => {
    const module = await Test.createTestingModule({
      imports: [RedisCoreModule.forRoot({ url: server.url, required: false })],
    }).compile();
    const admin = new ResilientRedisClient({ url: server.url });
    await admin.init();
    await admin.execute(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
    await admin.close();
    const application = module.createNestApplication(new FastifyAdapter(), { logger: false });
    await expect(application.init()).rejects.toMatchObject({ code: 'REDIS_MAY_EVICT' });
  });
});

describe('the health indicator', () => {
  it('is up with the latency while Redis answers, and down with the reason while it does not', async () => {
    const module = await Test.createTestingModule({
      imports: [TerminusModule.forRoot({ logger: false }), RedisCoreModule.forRoot({ url: server.url })],
      controllers: [HealthController],
      providers: [RedisHealthIndicator],
    }).compile();
    const fastify = new FastifyAdapter();
    app = module.createNestApplication(fastify, { logger: false });
    await app.init();
    await fastify.getInstance().ready();
    const http = () => request(app?.getHttpServer() as never).get('/health');

    const up = await http();
    expect(up.status).toBe(200);
    expect(up.body).toMatchObject({ status: 'ok', info: { redis: { status: 'up' } } });

    await server.kill();
    const down = await http();
    expect(down.status).toBe(503);
    expect(down.body).toMatchObject({ status: 'error', error: { redis: { status: 'down' } } });
  });
});
