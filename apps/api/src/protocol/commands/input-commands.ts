/**
 * `input.respond` and `input.inject`.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Thread } from '@longrun/contracts';
import { RunCreationService } from '../../runs/run-creation.js';
import { unknownFields, type CommandContext, type CommandResult } from '../command.js';
import { isNamespace, isRecord } from '../event-filter.js';
import { ProtocolError } from '../protocol-error.js';
import { noRun, ProtocolThreads } from '../protocol-threads.service.js';
import { ThreadQuestions } from '../thread-questions.service.js';
import { createProtocolRun } from './new-run.js';

const COMMON_FIELDS = ['update', 'goto', 'config', 'metadata', 'strict_resume'];
const FIELDS_OF_ONE = ['namespace', 'interrupt_id', 'response', ...COMMON_FIELDS];
const FIELDS_OF_MANY = ['responses', ...COMMON_FIELDS];

@Injectable()
export class InputCommands {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(ProtocolThreads) private readonly threads: ProtocolThreads,
    @Inject(ThreadQuestions) private readonly questions: ThreadQuestions,
  ) {}

  /**
   * Answers one question or several at once, by a run that goes on from them. A question may be answered from the moment it was heard, which
   * is before the run that asks has ended: the answer waits for that.
   */
  async respond(context: CommandContext): Promise<CommandResult> {
    const { params } = context.command;
    const isMany = params['responses'] !== undefined;
    const answers = isMany ? manyAnswers(params['responses']) : oneAnswer(params);
    const thread = await this.#askingThread(context.threadId);
    await this.#checkAsked(context.threadId, Object.keys(answers));
    const { update, goto, config, metadata } = params;
    const run = await createProtocolRun(this.creation, context, {
      assistant_id: thread.metadata['assistant_id'],
      command: {
        resume: answers,
        ...(update === undefined || update === null ? {} : { update }),
        ...(goto === undefined || goto === null ? {} : { goto }),
      },
      config,
      metadata,
      // An answer that comes too late, because somebody else was faster, must not be lost in silence.
      strict_resume: true,
    });
    const known = isMany ? FIELDS_OF_MANY : FIELDS_OF_ONE;
    return { result: { run_id: run.run_id }, ignored: unknownFields(params, known) };
  }

  async inject(): Promise<CommandResult> {
    throw new ProtocolError(
      'not_supported',
      'input.inject: a graph takes no input while it runs. Use run.start, with multitaskStrategy enqueue or interrupt.',
    );
  }

  /** @throws ProtocolError no_such_run when it has run nothing that could ask */
  async #askingThread(threadId: string): Promise<Thread> {
    const thread = await this.threads.find(threadId);
    if (thread !== null && typeof thread.metadata['assistant_id'] === 'string') return thread;
    throw noRun(threadId);
  }

  async #checkAsked(threadId: string, ids: readonly string[]): Promise<void> {
    const { activeRunId } = await this.threads.standing(threadId);
    const waiting = activeRunId === null ? await this.questions.waiting(threadId) : [];
    for (const id of ids) {
      const isOpen =
        activeRunId === null ? waiting.includes(id) : await this.threads.hasAsked(activeRunId, id);
      if (isOpen) continue;
      const others =
        activeRunId !== null
          ? `run ${activeRunId}, which is under way, has not asked it`
          : waiting.length === 0
            ? 'no question waits'
            : `these wait: ${waiting.join(', ')}`;
      throw new ProtocolError('no_such_interrupt', `interrupt_id: question ${id} does not wait; ${others}.`);
    }
  }
}

function oneAnswer(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return answersOf([params], '');
}

function manyAnswers(responses: unknown): Record<string, unknown> {
  if (Array.isArray(responses) && responses.length > 0) return answersOf(responses, 'responses: ');
  throw new ProtocolError('invalid_argument', 'responses: must be a list of at least one answer');
}

const QUESTION_ID = /^[0-9a-f]{32}$/;

function answersOf(responses: readonly unknown[], where: string): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const given of responses) {
    const id = isRecord(given) ? given['interrupt_id'] : undefined;
    if (!isRecord(given) || typeof id !== 'string' || id === '') {
      throw new ProtocolError('invalid_argument', `${where}interrupt_id: must be the id of a question`);
    }
    if (!QUESTION_ID.test(id)) {
      throw new ProtocolError(
        'no_such_interrupt',
        `${where}interrupt_id: there is no question ${id.slice(0, 60)}.`,
      );
    }
    if (given['namespace'] !== undefined && given['namespace'] !== null && !isNamespace(given['namespace'])) {
      throw new ProtocolError('invalid_argument', `${where}namespace: must be a list of texts`);
    }
    if (given['response'] === undefined) {
      throw new ProtocolError('invalid_argument', `${where}response: is missing; null is an answer too`);
    }
    if (id in answers)
      throw new ProtocolError('invalid_argument', `${where}question ${id} is answered twice`);
    answers[id] = given['response'];
  }
  return answers;
}
