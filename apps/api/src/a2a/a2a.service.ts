/**
 * The methods of A2A over runs: a task is a run, a context is its thread. Nothing is kept beside them, so that any api answers for any task.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  isEventOfMode,
  METADATA_EVENT,
  TERMINAL_RUN_STATUSES,
  type Assistant,
  type JsonObject,
  type MetadataEventData,
  type NumberedRunEvent,
  type Run,
} from '@longrun/contracts';
import type { FastifyRequest } from 'fastify';
import { v7 as newUuid } from 'uuid';
import { AssistantGraphService } from '../assistants/assistant-graph.service.js';
import { toValidated } from '../http/validated.js';
import { ThreadRunDto } from '../runs/run-create.dto.js';
import { RunFollower, type FollowedRun } from '../runs/run-follower.service.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { answerIn, countOf, idIn, inputOf, sentMessage, type SentMessage } from './a2a-message.js';
import { A2aError, type A2aTask } from './a2a-types.js';
import { artifactOf, statusOf, taskOf, textOf, type RunOutcome } from './task-of-run.js';

/** One request of a client. */
export interface A2aRequest {
  assistant: Assistant;
  request: FastifyRequest;
  clientGone: AbortSignal;
}

/** Sends one result of a stream. */
export type SendResult = (result: object) => void;

@Injectable()
export class A2aService {
  constructor(
    @Inject(RunFollower) private readonly runs: RunFollower,
    @Inject(RunsRepository) private readonly repository: RunsRepository,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(AssistantGraphService) private readonly describer: AssistantGraphService,
  ) {}

  /** `message/send`. A client that goes before the end finds its task by `tasks/get`. */
  async send(params: JsonObject, asked: A2aRequest): Promise<A2aTask> {
    const message = sentMessage(params);
    const run = await this.#start(message, asked, ['values']);
    if (!message.isBlocking) {
      run.reader.close();
      return taskOf({ ...run, status: 'pending' });
    }
    const ending = await this.runs.follow(run, asked.clientGone, undefined, 'continue');
    return taskOf({ ...run, status: null, ...ending }, message.historyLength);
  }

  /** `message/stream`: what `start` has begun, until its end. */
  async startStream(params: JsonObject, asked: A2aRequest): Promise<FollowedRun> {
    return this.#start(sentMessage(params), asked, ['values', 'messages-tuple']);
  }

  /** `tasks/resubscribe`: from now on. */
  async resubscribe(params: JsonObject, asked: A2aRequest): Promise<FollowedRun> {
    const { run_id: runId, thread_id: threadId } = await this.#find(params, asked, 'threads:read');
    const { lastSeq, hasEnded } = await this.repository.locate(runId, threadId);
    return this.runs.join(runId, threadId, hasEnded ? lastSeq - 1 : lastSeq);
  }

  /** Sends the task, then what happens to it, then how it ended. */
  async stream(run: FollowedRun, clientGone: AbortSignal, send: SendResult): Promise<void> {
    const { runId, threadId } = run;
    const ids = { taskId: runId, contextId: threadId };
    const artifact = { artifactId: runId, name: 'Assistant Response' };
    let hasWords = false;
    let isAnew = true;
    send(taskOf({ ...run, status: 'pending' }));
    const tell = ({ event, data }: NumberedRunEvent): void => {
      if (event === METADATA_EVENT) {
        // What an earlier attempt has said is said again.
        isAnew = (JSON.parse(data) as MetadataEventData).attempt > 1 || !hasWords;
        send({
          kind: 'status-update',
          ...ids,
          final: false,
          status: statusOf({ ...run, status: 'running' }),
        });
        return;
      }
      const words = isEventOfMode(event, 'messages') ? wordsOfChunk(data) : '';
      if (words === '') return;
      const parts = [{ kind: 'text', text: words }];
      send({
        kind: 'artifact-update',
        ...ids,
        append: !isAnew,
        lastChunk: false,
        artifact: { ...artifact, parts },
      });
      hasWords = true;
      isAnew = false;
    };
    const ending = await this.runs.follow(run, clientGone, tell, 'continue');
    if (ending === null) return;
    const outcome: RunOutcome = { ...run, ...ending };
    const status = statusOf(outcome);
    // What was said in pieces is not said again, except to who came late.
    if (status.state === 'completed' && !hasWords) {
      send({
        kind: 'artifact-update',
        ...ids,
        append: false,
        lastChunk: true,
        artifact: artifactOf(outcome),
      });
    }
    send({ kind: 'status-update', ...ids, final: true, status });
  }

  /** `tasks/get`. */
  async get(params: JsonObject, asked: A2aRequest): Promise<A2aTask> {
    const run = await this.#find(params, asked, 'threads:read');
    return taskOf(await this.#outcomeOf(run), countOf(params['historyLength']));
  }

  /** `tasks/cancel`: answered when the run has ended. */
  async cancel(params: JsonObject, asked: A2aRequest): Promise<A2aTask> {
    const run = await this.#find(params, asked, 'threads:update');
    const { run_id: runId, thread_id: threadId } = run;
    if (hasEnded(run)) throw new A2aError('taskNotCancelable', `The task has ended already: ${run.status}`);
    const followed = await this.runs.join(runId, threadId, -1);
    const wish = { action: 'interrupt', reason: 'cancelled by an A2A client' } as const;
    await this.cancellation.cancel(runId, threadId, wish);
    const ending = await this.runs.follow(followed, asked.clientGone, undefined, 'continue');
    return taskOf({ runId, threadId, status: null, ...ending });
  }

  async #start(
    message: SentMessage,
    { assistant, request }: A2aRequest,
    streamMode: string[],
  ): Promise<FollowedRun> {
    const answered =
      message.taskId === undefined ? null : await this.#asking(message.taskId, { assistant, request });
    const fields = {
      assistant_id: assistant.assistant_id,
      stream_mode: streamMode,
      if_not_exists: 'create',
      metadata: { a2a: { message_id: message.messageId } },
      ...(answered
        ? { command: { resume: answerIn(message) } }
        : { input: inputOf(message, await this.#takesMessages(assistant)) }),
    };
    const { dto } = toValidated(ThreadRunDto, fields);
    const threadId = answered?.thread_id ?? message.contextId ?? newUuid();
    return this.runs.start({ dto, threadId, request });
  }

  /** The run whose question is answered. @throws A2aError when it has none */
  async #asking(taskId: string, asked: Omit<A2aRequest, 'clientGone'>): Promise<Run> {
    const run = await this.#find({ id: taskId }, asked, 'threads:read');
    const task = taskOf(await this.#outcomeOf(run));
    if (task.status.state === 'input-required') return run;
    throw new A2aError(
      'invalidParams',
      `taskId: the task asks nothing, it is ${task.status.state}; send the message without`,
    );
  }

  async #find(
    params: JsonObject,
    { assistant, request }: Omit<A2aRequest, 'clientGone'>,
    event: 'threads:read' | 'threads:update',
  ): Promise<Run> {
    const id = idIn(params, 'id');
    const notFound = (): Error => new A2aError('taskNotFound', 'Task not found');
    if (id === undefined) throw new A2aError('invalidParams', 'id: must be given');
    await request.access.askForRun(event, id, notFound);
    const [run] = await this.repository.findAll([id]);
    if (run?.assistant_id !== assistant.assistant_id) throw notFound();
    return run;
  }

  async #outcomeOf(run: Run): Promise<RunOutcome> {
    const outcome = { runId: run.run_id, threadId: run.thread_id, status: run.status };
    if (!hasEnded(run)) return outcome;
    const result = JSON.parse(await this.repository.result(run.run_id)) as {
      __error__?: RunOutcome['error'];
    } | null;
    return result?.__error__ ? { ...outcome, error: result.__error__ } : { ...outcome, values: result };
  }

  async #takesMessages(assistant: Assistant): Promise<boolean> {
    const schema = await this.describer.inputSchemaOf(assistant, 'untyped');
    const properties = schema?.['properties'];
    return typeof properties !== 'object' || properties === null || 'messages' in properties;
  }
}

function hasEnded({ status }: Run): boolean {
  return (TERMINAL_RUN_STATUSES as readonly string[]).includes(status);
}

/** Of the model's own words only. */
function wordsOfChunk(data: string): string {
  const [chunk] = JSON.parse(data) as [JsonObject?];
  const type = chunk?.['type'];
  return type === 'ai' || type === 'AIMessageChunk' ? textOf(chunk?.['content']) : '';
}
