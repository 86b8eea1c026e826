/**
 * `/mcp`: assistants as tools of the Model Context Protocol, over streamable HTTP without sessions. What a session id is given for: to
 * find the run of a call that is cancelled.
 */
import { randomUUID } from 'node:crypto';
import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { JsonObject } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientGoneSignal, sendFetchResponse, toFetchRequest } from '../http/fetch-bridge.js';
import { RunBulkService } from '../runs/run-bulk.service.js';
import { McpExchanges, runMetadata } from './mcp-server.js';

const SESSION_HEADER = 'mcp-session-id';

@Controller('mcp')
export class McpController {
  constructor(
    @Inject(McpExchanges) private readonly exchanges: McpExchanges,
    @Inject(RunBulkService) private readonly bulk: RunBulkService,
  ) {}

  @Post()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const messages = [request.body].flat().filter(isMessage);
    if (messages.some(({ method }) => method === 'initialize'))
      void reply.header(SESSION_HEADER, randomUUID());
    await this.#cancelRunsOf(messages, request);
    await this.#answer(request, reply);
  }

  /** Nothing is sent but answers. */
  @Get()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer(request, reply);
  }

  /** A session is nothing that could be ended. */
  @Delete()
  delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer(request, reply);
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const clientGone = clientGoneSignal(reply);
    const answer = await this.exchanges.answer(toFetchRequest(request, 'none', clientGone), {
      request,
      clientGone,
    });
    await sendFetchResponse(reply, answer);
  }

  async #cancelRunsOf(messages: readonly Message[], request: FastifyRequest): Promise<void> {
    if (request.headers[SESSION_HEADER] === undefined) return;
    for (const { method, params } of messages) {
      const id = params?.['requestId'];
      if (method !== 'notifications/cancelled' || (typeof id !== 'string' && typeof id !== 'number'))
        continue;
      const wish = { action: 'interrupt', reason: 'cancelled by an MCP client' } as const;
      await this.bulk.cancelMany({ status: 'all', metadata: runMetadata(request, id) }, request.access, wish);
    }
  }
}

interface Message {
  method?: string;
  params?: JsonObject;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}
