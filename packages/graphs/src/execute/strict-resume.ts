/**
 * `strict_resume`: an answer to a question that is not waiting is refused instead of being ignored. The rules are those of
 * newer versions of LangGraph, which this one does not have.
 */
import type { CheckpointTuple } from '@langchain/langgraph-checkpoint';
import type { RunCommand } from '@longrun/contracts';
import { questionIds, resumeMapOf } from './command.js';

/** A resume that fits none, or more than one, of the questions that wait. */
export class UnknownInterruptError extends Error {
  override readonly name = 'UnknownInterruptError';

  constructor(
    message: string,
    readonly reason: 'not_pending' | 'empty_map' | 'ambiguous',
    /** Questions that were answered and do not wait. */
    readonly interruptIds: readonly string[],
    /** Questions that wait. */
    readonly pendingIds: readonly string[],
  ) {
    super(message);
  }
}

/** @throws UnknownInterruptError when the answers of `command` are not for what waits at `tuple` */
export function checkStrictResume(command: RunCommand, tuple: CheckpointTuple | undefined): void {
  const { resume } = command;
  if (resume === undefined || resume === null) return;
  const pending = pendingQuestions(tuple);
  const waiting = pending.length === 0 ? 'no question waits' : `these wait: ${pending.join(', ')}`;
  const answers = resumeMapOf(command);
  if (answers !== undefined) {
    const unknown = Object.keys(answers).filter((id) => !pending.includes(id));
    if (unknown.length === 0) return;
    throw refusal(`These questions do not wait: ${unknown.join(', ')}; ${waiting}.`, 'not_pending', unknown);
  }
  if (isEmptyObject(resume)) throw refusal(`The resume is an empty map; ${waiting}.`, 'empty_map');
  if (pending.length === 0) throw refusal('There is nothing to resume: no question waits.', 'not_pending');
  if (pending.length > 1) {
    throw refusal(
      `One answer was given and several questions wait; name the question: ${waiting}.`,
      'ambiguous',
    );
  }

  function refusal(
    message: string,
    reason: UnknownInterruptError['reason'],
    unknown: string[] = [],
  ): UnknownInterruptError {
    return new UnknownInterruptError(message, reason, unknown, pending);
  }
}

/** Ids of the questions of tasks that have not come to their end. */
function pendingQuestions(tuple: CheckpointTuple | undefined): string[] {
  const writes = tuple?.pendingWrites ?? [];
  const done = new Set(writes.flatMap(([task, channel]) => (SPECIAL.test(channel) ? [] : [task])));
  return writes.flatMap(([task, channel, value]) =>
    channel === '__interrupt__' && !done.has(task) ? questionIds(value) : [],
  );
}

/** Channels that a task writes to without having come to its end. */
const SPECIAL = /^__(error|error_source_node|interrupt|resume)__$/;

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}
