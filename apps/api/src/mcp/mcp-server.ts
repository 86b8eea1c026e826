/**
 * One exchange of the Model Context Protocol. The SDK behind it is loaded with the first one.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  isLongrunError,
  LongrunError,
  SSE_HEARTBEAT_MS,
  type JsonObject,
  type NumberedRunEvent,
} from '@longrun/contracts';
import type { Logger } from '@longrun/service-kit';
import type { CallToolResult, Server, ServerContext } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import { AccessRefused } from '../auth/access-refused.js';
import { toValidated, uuidIn } from '../http/validated.js';
import { serverVersion } from '../meta/versions.js';
import { RunFollower, type RunEnding } from '../runs/run-follower.service.js';
import { StatelessRunDto, ThreadRunDto } from '../runs/run-create.dto.js';
import { LOGGER } from '../tokens.js';
import { AssistantTools } from './assistant-tools.js';

/** In `_meta` of a call: the thread that the run belongs to. Without, it gets one of its own, which goes with it. */
const THREAD_ID = 'thread_id';

/** One HTTP request of a client. */
export interface McpExchange {
  request: FastifyRequest;
  clientGone: AbortSignal;
}

@Injectable()
export class McpExchanges {
  constructor(
    @Inject(AssistantTools) private readonly tools: AssistantTools,
    @Inject(RunFollower) private readonly runs: RunFollower,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** The answer to one HTTP request, whose body is parsed already. */
  async answer(request: Request, exchange: McpExchange): Promise<Response> {
    const { createMcpHandler, Server: McpServer } = await import('@modelcontextprotocol/server');
    const handler = createMcpHandler(
      () => {
        const server = new McpServer(
          { name: 'longrun', version: serverVersion },
          { capabilities: { tools: {} } },
        );
        this.#register(server, exchange);
        return server;
      },
      {
        onerror: (error) => this.log.debug({ err: error }, 'an MCP request was refused'),
        // A run may take longer than clients wait for the head of an answer, or for the next byte.
        responseMode: 'sse',
        keepAliveMs: SSE_HEARTBEAT_MS,
      },
    );
    return handler.fetch(request, { parsedBody: exchange.request.body });
  }

  #register(server: Server, exchange: McpExchange): void {
    server.setRequestHandler('tools/list', async ({ params }) => {
      const { tools, next } = await this.#told(() =>
        this.tools.list(offsetOf(params?.cursor), exchange.request.access),
      );
      return { tools, ...(next === null ? {} : { nextCursor: String(next) }) };
    });
    server.setRequestHandler('tools/call', ({ params }, context) =>
      this.#told(() => this.#call(params.name, params.arguments ?? {}, exchange, context)),
    );
  }

  async #call(
    name: string,
    input: JsonObject,
    { request, clientGone }: McpExchange,
    { mcpReq }: ServerContext,
  ): Promise<CallToolResult> {
    const threadId = mcpReq._meta?.[THREAD_ID];
    const progressToken = mcpReq._meta?.progressToken;
    const fields = {
      assistant_id: await this.tools.assistantOf(name, request.access),
      input,
      stream_mode: progressToken === undefined ? ['values'] : ['values', 'updates'],
      metadata: runMetadata(request, mcpReq.id),
    };
    let dto: StatelessRunDto | ThreadRunDto;
    let run;
    try {
      dto =
        threadId === undefined
          ? toValidated(StatelessRunDto, fields).dto
          : toValidated(ThreadRunDto, { ...fields, if_not_exists: 'create' }).dto;
      const thread = threadId === undefined ? null : uuidIn('_meta.thread_id', threadId);
      run = await this.runs.start({ dto, threadId: thread, request });
    } catch (error) {
      if (isLongrunError(error, 'ASSISTANT_NOT_FOUND')) throw await unknownTool(name);
      // What can be mended by calling otherwise is told to whoever calls: the model.
      if (isForCaller(error)) return failure(error.message);
      throw error;
    }
    let steps = 0;
    const tell = async ({ event, data }: NumberedRunEvent): Promise<void> => {
      if (progressToken === undefined || event !== 'updates') return;
      steps += 1;
      const message = Object.keys(JSON.parse(data) as JsonObject).join(', ');
      const params = { progressToken, progress: steps, message };
      await mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
    };
    const ending = await this.runs.follow(run, AbortSignal.any([clientGone, mcpReq.signal]), tell);
    return { ...resultOf(ending), _meta: { run_id: run.runId, thread_id: run.threadId } };
  }

  /** Errors as the protocol tells them; what is no business of clients stays in the log. */
  async #told<T>(answer: () => Promise<T>): Promise<T> {
    try {
      return await answer();
    } catch (error) {
      const { ProtocolError, ProtocolErrorCode } = await import('@modelcontextprotocol/server');
      if (error instanceof ProtocolError) throw error;
      const isTold = isForCaller(error) || isLongrunError(error, 'POSTGRES_UNAVAILABLE');
      if (!isTold) this.log.error({ err: error }, 'an MCP request failed');
      const message = isTold ? error.message : 'The server failed. Its log holds the cause.';
      throw new ProtocolError(ProtocolErrorCode.InternalError, message);
    }
  }
}

/** By this the run of a call is found again when its cancel arrives, at any api. */
export function runMetadata(request: FastifyRequest, id: string | number): JsonObject {
  const session = request.headers['mcp-session-id'];
  return { mcp: { request_id: id, ...(typeof session === 'string' ? { session_id: session } : {}) } };
}

function resultOf(ending: RunEnding | null): CallToolResult {
  if (ending === null || ending.status === 'interrupted') return failure('The run was cancelled.');
  if (ending.error) return failure(`${ending.error.error}: ${ending.error.message}`);
  const { values } = ending;
  return {
    content: [{ type: 'text', text: JSON.stringify(values) }],
    ...(typeof values === 'object' && values !== null && !Array.isArray(values)
      ? { structuredContent: values }
      : {}),
  };
}

/** What the caller did wrong, or may not do. */
function isForCaller(error: unknown): error is Error {
  return error instanceof AccessRefused || (isLongrunError(error) && error.status < 500);
}

function failure(message: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: message }] };
}

async function unknownTool(name: string): Promise<Error> {
  const { ProtocolError, ProtocolErrorCode } = await import('@modelcontextprotocol/server');
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 200)}`);
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const offset = Number(cursor);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new LongrunError('VALIDATION_FAILED', 'cursor: is not one of a list of tools');
}
