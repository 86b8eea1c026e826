/**
 * A run that a command of protocol v2 asks for: an ordinary run, created as any other, whose log is recorded for the protocol.
 */
import type { Run } from '@longrun/contracts';
import { toValidated } from '../../http/validated.js';
import { ThreadRunDto } from '../../runs/run-create.dto.js';
import type { RunCreationService } from '../../runs/run-creation.js';
import type { CommandContext } from '../command.js';

/** What its clients are sent, as a run says it that is recorded for the stream modes. */
const STREAM_MODE = ['values', 'updates', 'messages-tuple', 'tools', 'custom', 'tasks', 'lifecycle'];

/**
 * @param fields of a request that creates a run
 * @throws LongrunError as the creation of runs does
 */
export function createProtocolRun(
  creation: RunCreationService,
  { threadId, request }: CommandContext,
  fields: Record<string, unknown>,
): Promise<Run> {
  const { dto } = toValidated(ThreadRunDto, {
    multitask_strategy: 'enqueue',
    ...fields,
    stream_mode: STREAM_MODE,
    stream_subgraphs: true,
    stream_resumable: true,
    if_not_exists: 'create',
  });
  return creation.create({ dto, threadId, request, protocol: 'v2' });
}
