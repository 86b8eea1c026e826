/**
 * Routes that answer when a run has ended: create-and-wait, join, and a cancel that waits.
 */
import { Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { RunEventHub, type CancelWish, type RunEventReader } from '@longrun/runs';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { CANCEL_ACTIONS, LongrunError, type CancelAction } from '@longrun/contracts';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { AsBoolean } from '../http/field-rules.js';
import { sendJsonWhenDone } from '../http/json-when-done.js';
import { UuidParam, ValidQuery } from '../http/validated.js';
import { DISCONNECTED, RunCancellation } from '../workers/run-cancellation.js';
import { RunCreationService, type RunCreation } from './run-creation.js';
import { StatelessRun, ThreadRun } from './run-creation.param.js';
import { runHeaders } from './run-headers.js';
import { RunStreamService } from './run-stream.service.js';
import { runNotFound, RunsRepository } from './runs.repository.js';

export class JoinQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  cancel_on_disconnect?: boolean;
}

export class CancelQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  wait?: boolean;

  @IsOptional()
  @IsIn(CANCEL_ACTIONS)
  action?: CancelAction;

  /** `taken`: the input of the run was taken up elsewhere. */
  @IsOptional()
  @IsIn(['taken'])
  reason?: 'taken';
}

@Controller()
export class RunWaitController {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(RunStreamService) private readonly streams: RunStreamService,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
  ) {}

  @Post('threads/:thread_id/runs/wait')
  waitOnThread(@ThreadRun() creation: RunCreation, @Res() reply: FastifyReply): Promise<void> {
    return this.#createAndWait(creation, reply);
  }

  @Post('runs/wait')
  waitStateless(@StatelessRun() creation: RunCreation, @Res() reply: FastifyReply): Promise<void> {
    return this.#createAndWait(creation, reply);
  }

  @Get('threads/:thread_id/runs/:run_id/join')
  async join(
    @UuidParam('thread_id') threadId: string,
    @UuidParam('run_id') runId: string,
    @ValidQuery(JoinQuery) query: JoinQuery,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await access.askForRun('threads:read', runId, () => runNotFound(runId));
    const reader = await this.#listenForEnd(runId, threadId);
    const headers = runHeaders({ run_id: runId, thread_id: threadId }, false, 'join');
    await this.#sendResult(reply, headers, { runId, threadId }, query.cancel_on_disconnect ?? false, reader);
  }

  /** 202 as soon as the cancel is durable; with `wait` the result once the run has ended. */
  @Post('threads/:thread_id/runs/:run_id/cancel')
  async cancel(
    @UuidParam('thread_id') threadId: string,
    @UuidParam('run_id') runId: string,
    @ValidQuery(CancelQuery) query: CancelQuery,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wish = { thread_id: threadId, action: query.action ?? 'interrupt', metadata: { run_ids: [runId] } };
    await access.askForThread('threads:update', threadId, wish, () => runNotFound(runId));
    const reader = query.wait ? await this.#listenForEnd(runId, threadId) : null;
    if (!reader) await this.runs.locate(runId, threadId);
    const status = await this.cancellation
      .cancel(runId, threadId, cancelWish(query))
      .catch((error: unknown) => {
        reader?.close();
        throw error;
      });
    if (status === null) {
      reader?.close();
      throw runNotFound(runId);
    }
    if (reader) await this.#sendResult(reply, {}, { runId, threadId }, false, reader);
    else void reply.status(202).send();
  }

  /**
   * A reader that has nothing to wait for if the run has ended. It listens before it asks: the end is either in the answer, or heard.
   *
   * @throws LongrunError RUN_NOT_FOUND
   */
  async #listenForEnd(runId: string, threadId: string): Promise<RunEventReader> {
    const reader = await this.hub.listen(runId);
    try {
      const { hasEnded, lastSeq } = await this.runs.locate(runId, threadId);
      if (hasEnded) reader.close();
      else reader.skipTo(lastSeq);
    } catch (error) {
      reader.close();
      throw error;
    }
    return reader;
  }

  async #createAndWait(creation: RunCreation, reply: FastifyReply): Promise<void> {
    const { run, reader } = await this.creation.createAndRead(creation);
    // The thread is named also when it is temporary, as the platform does for this route.
    const headers = runHeaders(run, false, 'join');
    const ids = { runId: run.run_id, threadId: run.thread_id };
    await this.#sendResult(reply, headers, ids, creation.dto.on_disconnect === 'cancel', reader);
  }

  async #sendResult(
    reply: FastifyReply,
    headers: Record<string, string>,
    { runId, threadId }: { runId: string; threadId: string },
    cancelOnDisconnect: boolean,
    reader: RunEventReader,
  ): Promise<void> {
    await sendJsonWhenDone(reply, headers, async (clientGone) => {
      await this.streams.drain(reader, clientGone).catch(() => undefined);
      if (clientGone.aborted) {
        if (cancelOnDisconnect)
          await this.cancellation.cancel(runId, threadId, DISCONNECTED).catch(() => null);
        throw new Error('The client is gone.');
      }
      return this.runs.result(runId);
    });
  }
}

/** @throws LongrunError VALIDATION_FAILED for a reason that does not go with the action */
function cancelWish({ action = 'interrupt', reason }: CancelQuery): CancelWish {
  if (reason === undefined) return { action, reason: `cancelled by a client (action ${action})` };
  if (action !== 'interrupt') {
    throw new LongrunError('VALIDATION_FAILED', 'reason: taken goes with action=interrupt only', {
      details: { field: 'reason' },
    });
  }
  return { action, reason: 'taken: the input of this run was taken up by another' };
}
