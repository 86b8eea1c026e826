import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { fastify, type FastifyInstance } from 'fastify';
import { WebSocket } from 'ws';
import { useProtocolSockets } from './protocol-socket.route.js';

const THREAD = '019a8c0e-0000-7000-8000-000000000000';
const nothing = { find: async () => null, ask: async () => undefined } as unknown;
const app = { get: () => nothing } as unknown as INestApplicationContext;

let server: FastifyInstance;
afterEach(() => server.close());

async function upgrade(): Promise<{ status: number } | { opened: true }> {
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as { port: number };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/threads/${THREAD}/stream/events`);
  socket.on('error', () => undefined);
  return Promise.race([
    once(socket, 'open').then(() => ({ opened: true }) as const),
    once(socket, 'unexpected-response').then(([, response]) => ({
      status: (response as { statusCode: number }).statusCode,
    })),
  ]).finally(() => socket.terminate());
}

describe('an upgrade to the WebSocket', () => {
  it('is accepted when nothing objects', async () => {
    server = fastify();
    await useProtocolSockets(server, app, { maxPayload: 1_000, origins: ['*'] });
    expect(await upgrade()).toEqual({ opened: true });
  });

  it.each(['onRequest', 'preValidation', 'preHandler'] as const)(
    'passes the %s hooks of every request, which may refuse it, with the thread it names',
    async (hook) => {
      server = fastify();
      await useProtocolSockets(server, app, { maxPayload: 1_000, origins: ['*'] });
      const named: unknown[] = [];
      server.addHook(hook, async (request, reply) => {
        named.push(request.params);
        await reply.code(401).send({});
      });
      expect(await upgrade()).toEqual({ status: 401 });
      expect(named).toEqual([{ thread_id: THREAD }]);
    },
  );
});
