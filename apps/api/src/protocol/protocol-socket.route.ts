/**
 * `GET /threads/{thread_id}/stream/events` as a WebSocket. A route of Fastify's own: an upgrade passes the hooks of every request
 * (`onRequest`, `preValidation`, …), which NestJS's gateways do not.
 */
import websockets from '@fastify/websocket';
import type { INestApplicationContext } from '@nestjs/common';
import { isLongrunError } from '@longrun/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessRefused } from '../auth/access-refused.js';
import { validate as isUuid } from 'uuid';
import { ProtocolCommands } from './protocol-commands.service.js';
import { ProtocolError } from './protocol-error.js';
import { ProtocolSocket, refuseSocket } from './protocol-socket.js';
import { ProtocolStreams } from './protocol-stream.service.js';
import { ProtocolThreads } from './protocol-threads.service.js';

export interface SocketSettings {
  /** Largest message, bytes. */
  maxPayload: number;
  /** Origins whose pages may connect, or patterns of them; `*` for all. A client that is no browser names none. */
  origins: readonly (string | RegExp)[];
}

/** Adds the route. Call before the application is initialised. */
export async function useProtocolSockets(
  fastify: FastifyInstance,
  app: INestApplicationContext,
  { maxPayload, origins }: SocketSettings,
): Promise<void> {
  await fastify.register(websockets, { options: { maxPayload } });
  const [commands, streams, threads] = [
    app.get(ProtocolCommands),
    app.get(ProtocolStreams),
    app.get(ProtocolThreads),
  ];

  const mayConnect = async ({ access }: FastifyRequest, threadId: string): Promise<void> => {
    await threads.ask(access, threadId);
    await threads.find(threadId);
  };

  fastify.route<{ Params: { thread_id: string } }>({
    method: 'GET',
    url: '/threads/:thread_id/stream/events',
    // A request that is no upgrade: for it there is no such route.
    handler: (_request, reply) => reply.callNotFound(),
    wsHandler: (socket, request) => {
      const { origin } = request.headers;
      if (origin !== undefined && !origins.some((one) => isMeant(one, origin))) {
        refuseSocket(socket, 403, 'pages of this origin may not connect');
        return;
      }
      const threadId = request.params.thread_id.toLowerCase();
      if (!isUuid(threadId)) {
        refuseSocket(socket, 422, 'thread_id: must be a UUID');
        return;
      }
      // At once: messages that come while the thread is looked up would be lost. Each command asks for itself.
      new ProtocolSocket(socket, commandRequest(request), threadId, commands, streams);
      mayConnect(request, threadId).catch((error: unknown) => {
        const status = statusOf(error);
        if (status !== null) refuseSocket(socket, status, error instanceof Error ? error.message : '');
      });
    },
  });
}

function isMeant(allowed: string | RegExp, origin: string): boolean {
  return typeof allowed === 'string' ? allowed === '*' || allowed === origin : allowed.test(origin);
}

/** Null when nothing is wrong with the request: its commands tell what fails. */
function statusOf(error: unknown): number | null {
  if (error instanceof ProtocolError) return 404;
  if (error instanceof AccessRefused || isLongrunError(error))
    return error.status < 500 ? error.status : null;
  return null;
}

/** The request of the upgrade for each command of the connection: a key that makes requests one would make one of all commands. */
function commandRequest(request: FastifyRequest): FastifyRequest {
  const { 'idempotency-key': _key, ...headers } = request.headers;
  return Object.create(request, { headers: { value: headers } }) as FastifyRequest;
}
