/**
 * What logs and traces know of an attempt: the ids of all lines that are said for it, and its span, `run`, which belongs to the trace that
 * created the run. Changes with the attributes of that span.
 */
import { inSpan, noteFailure, traceIdOf, withLogIds } from '@longrun/telemetry';
import type { WireError } from '@longrun/contracts';
import type { ClaimedRun } from '../run-store/claim-run.js';
import type { AttemptOutcome } from './run-observer.js';

/** How an attempt came to its end; `error` is what the clients of its run were told. */
export interface TracedEnd {
  outcome: AttemptOutcome;
  error?: WireError | undefined;
}

/** Ends of the run that somebody has to look at. */
const FAILED: readonly AttemptOutcome[] = ['error', 'timeout', 'crashed', 'lost'];

/** Calls `execute` as that attempt. */
export function traceAttempt(run: ClaimedRun, execute: () => Promise<TracedEnd>): Promise<void> {
  const { runId, threadId, attempt, traceparent } = run;
  const ids = { runId, threadId, attempt, traceId: traceIdOf(traceparent) };
  const options = { kind: 'CONSUMER', parent: traceparent, attributes: attributesOf(run) } as const;
  return withLogIds(ids, () =>
    inSpan('run', options, async (span) => {
      const { outcome, error } = await execute();
      span.setAttribute('longrun.run.outcome', outcome);
      if (error) noteFailure(error, span);
      else if (FAILED.includes(outcome))
        noteFailure({ error: outcome, message: `The attempt was ${outcome}.` }, span);
    }),
  );
}

/** Names by the semantic conventions of agents, as far as they have them. */
function attributesOf(run: ClaimedRun): Record<string, string | number> {
  return {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.id': run.assistantId,
    'gen_ai.agent.name': run.graphId,
    'gen_ai.conversation.id': run.threadId,
    'longrun.run.id': run.runId,
    'longrun.run.attempt': run.attempt,
    'longrun.run.waited_ms': Math.round(run.waitedMs),
  };
}
