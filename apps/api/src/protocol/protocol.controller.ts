/**
 * Routes of protocol v2 over HTTP: commands, and a stream of a thread's events.
 */
import { Body, Controller, Headers, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { LongrunError, type ProtocolAddress } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { SseResponse } from '../http/sse-response.js';
import { UuidParam } from '../http/validated.js';
import { threadNotFound } from '../threads/thread-row.js';
import { parseCommand } from './command.js';
import { isWanted, parseSubscription } from './event-filter.js';
import { ProtocolCommands } from './protocol-commands.service.js';
import { ProtocolError } from './protocol-error.js';
import { ProtocolStreams } from './protocol-stream.service.js';
import { ProtocolThreads } from './protocol-threads.service.js';
import { SseSink } from './sse-sink.js';

@Controller('threads/:thread_id')
export class ProtocolController {
  constructor(
    @Inject(ProtocolCommands) private readonly commands: ProtocolCommands,
    @Inject(ProtocolStreams) private readonly streams: ProtocolStreams,
    @Inject(ProtocolThreads) private readonly threads: ProtocolThreads,
  ) {}

  /** 200 also when the command is refused: the answer says so. */
  @Post('commands')
  @HttpCode(200)
  command(
    @UuidParam('thread_id') threadId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const command = asRequest(() => parseCommand(body));
    return this.commands.answer({ threadId, command, request, subscriptions: null });
  }

  /** Also of a thread that does not exist yet: its first run makes it. */
  @Post('stream/events')
  async events(
    @UuidParam('thread_id') threadId: string,
    @Body() body: unknown,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { filter, from } = asRequest(() => parseSubscription(body, lastEventId));
    await this.threads.ask(access, threadId).catch((error: unknown) => {
      // Over HTTP the stream itself is what is not found.
      throw error instanceof ProtocolError ? threadNotFound(threadId) : error;
    });
    await this.threads.find(threadId);
    const location = `/threads/${threadId}/stream/events`;
    const sse = new SseResponse(reply, { 'content-location': location });
    const wants = (address: ProtocolAddress): boolean => isWanted(filter, address);
    this.streams.start(threadId, { from, wants }, new SseSink(sse), access);
  }
}

/** @throws LongrunError MALFORMED_PROTOCOL_REQUEST for what the protocol calls an invalid argument */
function asRequest<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new LongrunError('MALFORMED_PROTOCOL_REQUEST', error.message, { cause: error });
  }
}
