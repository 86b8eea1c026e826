/**
 * What protocol v2 consists of, for the module of the api.
 */
import { AgentCommands } from './commands/agent-commands.js';
import { InputCommands } from './commands/input-commands.js';
import { RunCommands } from './commands/run-commands.js';
import { StateCommands } from './commands/state-commands.js';
import { SubscriptionCommands } from './commands/subscription-commands.js';
import { ProtocolCommands } from './protocol-commands.service.js';
import { ProtocolStreams } from './protocol-stream.service.js';
import { ProtocolThreads } from './protocol-threads.service.js';
import { ThreadQuestions } from './thread-questions.service.js';

export const PROTOCOL_PROVIDERS = [
  ProtocolThreads,
  ProtocolStreams,
  ProtocolCommands,
  ThreadQuestions,
  RunCommands,
  InputCommands,
  StateCommands,
  AgentCommands,
  SubscriptionCommands,
];
