/**
 * `run.start`.
 */
import { Inject, Injectable } from '@nestjs/common';
import { RunCreationService } from '../../runs/run-creation.js';
import { unknownFields, type CommandContext, type CommandResult } from '../command.js';
import { ProtocolError } from '../protocol-error.js';
import { ThreadQuestions } from '../thread-questions.service.js';
import { createProtocolRun } from './new-run.js';

const FIELDS = [
  'assistant_id',
  'input',
  'config',
  'metadata',
  'multitaskStrategy',
  'multitask_strategy',
  'langsmith_tracer',
];

@Injectable()
export class RunCommands {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(ThreadQuestions) private readonly questions: ThreadQuestions,
  ) {}

  /** Starts a run, and makes its thread if there is none. On a thread that waits for an answer the input is the answer. */
  async start(context: CommandContext): Promise<CommandResult> {
    const { params } = context.command;
    if (typeof params['assistant_id'] !== 'string' || params['assistant_id'] === '') {
      throw new ProtocolError(
        'invalid_argument',
        'assistant_id: must be the id of an assistant or the name of a graph',
      );
    }
    if (params['langsmith_tracer'] !== undefined && params['langsmith_tracer'] !== null) {
      throw new ProtocolError(
        'not_supported',
        'langsmith_tracer: tracing to a commercial service is not part of this server',
      );
    }
    const { input = null, config, metadata } = params;
    const isAnswer = input !== null && (await this.questions.waiting(context.threadId)).length > 0;
    const run = await createProtocolRun(this.creation, context, {
      assistant_id: params['assistant_id'],
      ...(isAnswer ? { command: { resume: input } } : { input }),
      config,
      metadata,
      multitask_strategy: params['multitask_strategy'] ?? params['multitaskStrategy'] ?? 'enqueue',
    });
    return { result: { run_id: run.run_id }, ignored: unknownFields(params, FIELDS) };
  }
}
