/**
 * Carries out commands of protocol v2: which method is whose, and how an outcome is answered.
 */
import { Inject, Injectable } from '@nestjs/common';
import { isLongrunError } from '@longrun/contracts';
import { isPostgresUnavailable } from '@longrun/database';
import type { Logger } from '@longrun/service-kit';
import { LOGGER } from '../tokens.js';
import type { CommandContext, CommandResult } from './command.js';
import { AgentCommands } from './commands/agent-commands.js';
import { InputCommands } from './commands/input-commands.js';
import { RunCommands } from './commands/run-commands.js';
import { StateCommands } from './commands/state-commands.js';
import { SubscriptionCommands } from './commands/subscription-commands.js';
import { ProtocolError, toProtocolError } from './protocol-error.js';
import { ProtocolThreads } from './protocol-threads.service.js';

type Handler = (context: CommandContext) => Promise<CommandResult>;

@Injectable()
export class ProtocolCommands {
  readonly #handlers: ReadonlyMap<string, Handler>;

  constructor(
    @Inject(ProtocolThreads) private readonly threads: ProtocolThreads,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(RunCommands) run: RunCommands,
    @Inject(InputCommands) input: InputCommands,
    @Inject(StateCommands) state: StateCommands,
    @Inject(AgentCommands) agent: AgentCommands,
    @Inject(SubscriptionCommands) subscription: SubscriptionCommands,
  ) {
    this.#handlers = new Map<string, Handler>([
      ['run.start', (context) => run.start(context)],
      ['input.respond', (context) => input.respond(context)],
      ['input.inject', () => input.inject()],
      ['state.get', (context) => state.get(context)],
      ['state.listCheckpoints', (context) => state.listCheckpoints(context)],
      ['state.fork', (context) => state.fork(context)],
      ['agent.getTree', (context) => agent.getTree(context)],
      ['subscription.subscribe', (context) => subscription.subscribe(context)],
      ['subscription.unsubscribe', (context) => subscription.unsubscribe(context)],
      ['subscription.reconnect', (context) => subscription.reconnect(context)],
    ]);
  }

  /**
   * The answer to a command, also when it is refused.
   *
   * @throws the driver's error when Postgres is away, over HTTP: that answer has a status of its own, which says when to come back
   */
  async answer(context: CommandContext): Promise<object> {
    const { command, threadId, subscriptions, request } = context;
    try {
      const handler = this.#handlers.get(command.method);
      if (!handler) {
        const known = [...this.#handlers.keys()].join(', ');
        throw new ProtocolError(
          'unknown_command',
          `There is no command ${command.method}; known are ${known}.`,
        );
      }
      await this.threads.ask(request.access, threadId);
      // Before the command: what it causes comes after this place.
      const { seq } = await this.threads.standing(threadId);
      const { result, ignored = [] } = await handler(context);
      const meta = {
        thread_id: threadId,
        applied_through_seq: seq,
        ...(ignored.length > 0 ? { ignored_params: ignored } : {}),
      };
      return { type: 'success', id: command.id, result, meta };
    } catch (thrown) {
      const isAway = isPostgresUnavailable(thrown) || isLongrunError(thrown, 'POSTGRES_UNAVAILABLE');
      if (isAway && subscriptions === null) throw thrown;
      const { code, message } = toProtocolError(thrown);
      if (code === 'unknown_error' && !isAway) {
        this.log.error({ err: thrown, threadId, method: command.method }, 'protocol command failed');
      }
      return { type: 'error', id: command.id, error: code, message };
    }
  }
}
