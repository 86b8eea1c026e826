/**
 * `/a2a/{assistant_id}`: an assistant as an agent of the A2A protocol, JSON-RPC over HTTP; and the card by which agents find it.
 */
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { isLongrunError, type JsonObject } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';
import type { Logger } from '@longrun/service-kit';
import { IsNotEmpty, IsString } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { assistantNotFound } from '../assistants/assistant-not-found.js';
import { AssistantsService } from '../assistants/assistants.service.js';
import { Access } from '../auth/access.param.js';
import { AccessRefused } from '../auth/access-refused.js';
import type { RequestAccess } from '../auth/request-access.js';
import { clientGoneSignal } from '../http/fetch-bridge.js';
import { isJsonObject } from '../http/field-rules.js';
import { sendJsonWhenDone } from '../http/json-when-done.js';
import { SseResponse } from '../http/sse-response.js';
import { ValidQuery } from '../http/validated.js';
import type { FollowedRun } from '../runs/run-follower.service.js';
import { GRAPHS, LOGGER } from '../tokens.js';
import { A2A_ERRORS, A2aError } from './a2a-types.js';
import { A2aService, type A2aRequest } from './a2a.service.js';
import { agentCard, type AgentCard } from './agent-card.js';

export class AgentCardQuery {
  /** Id of an assistant, or name of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id!: string;
}

@Controller()
export class A2aController {
  constructor(
    @Inject(A2aService) private readonly tasks: A2aService,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Get('.well-known/agent-card.json')
  async card(
    @ValidQuery(AgentCardQuery) { assistant_id: idOrGraph }: AgentCardQuery,
    @Access() access: RequestAccess,
    @Req() request: FastifyRequest,
  ): Promise<AgentCard> {
    await this.#ask(idOrGraph, access);
    // That of a graph, which nobody was asked about.
    access.isEverybodys();
    return agentCard(await this.assistants.get(idOrGraph), request, this.registry);
  }

  @Post('a2a/:assistant_id')
  async call(
    @Param('assistant_id') idOrGraph: string,
    @Access() access: RequestAccess,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#ask(idOrGraph, access);
    const assistant = await this.assistants.get(idOrGraph);
    const clientGone = clientGoneSignal(reply);
    const { id, method, params } = messageOf(request.body);
    try {
      const asked = { assistant, request, clientGone };
      const run = await this.#stream(method, params, asked);
      if (run) this.#sendStream(id, run, asked, reply);
      else await this.#sendAnswer(id, () => this.#answer(method, params, asked), reply);
    } catch (error) {
      await reply.send({ jsonrpc: '2.0', id, error: this.#told(error) });
    }
  }

  /** Whoever may have an assistant run may speak to it. */
  #ask(idOrGraph: string, access: RequestAccess): Promise<void> {
    return this.assistants.askForRun(idOrGraph, access, () => assistantNotFound(idOrGraph));
  }

  /** A run may take longer than clients wait for the head of an answer. */
  async #sendAnswer(id: unknown, answer: () => Promise<object>, reply: FastifyReply): Promise<void> {
    await sendJsonWhenDone(reply, {}, async () => {
      const told = await answer().then(
        (result) => ({ result }),
        (error: unknown) => ({ error: this.#told(error) }),
      );
      return JSON.stringify({ jsonrpc: '2.0', id, ...told });
    });
  }

  /** Null: the method has one answer. */
  async #stream(method: string, params: JsonObject, asked: A2aRequest): Promise<FollowedRun | null> {
    if (method === 'message/stream') return this.tasks.startStream(params, asked);
    return method === 'tasks/resubscribe' ? this.tasks.resubscribe(params, asked) : null;
  }

  async #answer(method: string, params: JsonObject, asked: A2aRequest): Promise<object> {
    if (method === 'message/send') return this.tasks.send(params, asked);
    if (method === 'tasks/get') return this.tasks.get(params, asked);
    if (method === 'tasks/cancel') return this.tasks.cancel(params, asked);
    if (method.startsWith('tasks/pushNotificationConfig/')) {
      throw new A2aError(
        'pushNotSupported',
        'Push notifications are not available; a run takes a webhook over REST.',
      );
    }
    const known = 'message/send, message/stream, tasks/get, tasks/cancel, tasks/resubscribe';
    throw new A2aError(
      'methodNotFound',
      `There is no method "${method.slice(0, 100)}" (there are ${known}).`,
    );
  }

  #sendStream(id: unknown, run: FollowedRun, { clientGone }: A2aRequest, reply: FastifyReply): void {
    const sse = new SseResponse(reply, {});
    const send = (part: object): void =>
      sse.writeNotice({ event: 'message', data: JSON.stringify({ jsonrpc: '2.0', id, ...part }) });
    this.tasks
      .stream(run, clientGone, (result) => send({ result }))
      .catch((error: unknown) => send({ error: this.#told(error) }))
      .finally(() => sse.end());
  }

  /** What is no business of clients stays in the log. */
  #told(error: unknown): { code: number; message: string } {
    if (error instanceof A2aError) return { code: error.code, message: error.message };
    if (error instanceof AccessRefused || (isLongrunError(error) && error.status < 500)) {
      return { code: A2A_ERRORS.invalidParams, message: error.message };
    }
    if (isLongrunError(error, 'POSTGRES_UNAVAILABLE'))
      return { code: A2A_ERRORS.internal, message: error.message };
    this.log.error({ err: error }, 'an A2A request failed');
    return { code: A2A_ERRORS.internal, message: 'The server failed. Its log holds the cause.' };
  }
}

/** Of anything else than a message the method is empty, which is none. */
function messageOf(body: unknown): { id: unknown; method: string; params: JsonObject } {
  const { id, method, params } = isJsonObject(body) ? body : {};
  return {
    id: id ?? null,
    method: typeof method === 'string' ? method : '',
    params: isJsonObject(params) ? params : {},
  };
}
