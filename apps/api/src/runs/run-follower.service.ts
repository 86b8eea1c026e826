/**
 * Starts a run and follows it to its end, for protocols that answer with its result. What it starts is a run like any other.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  END_EVENT,
  isLongrunError,
  type EndEventData,
  type JsonObject,
  type NumberedRunEvent,
  type WireError,
} from '@longrun/contracts';
import { RunEventHub, type RunEventReader } from '@longrun/runs';
import { DISCONNECTED, RunCancellation } from '../workers/run-cancellation.js';
import { RunCreationService, type RunCreation } from './run-creation.js';
import { RunsRepository } from './runs.repository.js';

/** A run that is being followed. */
export interface FollowedRun {
  readonly runId: string;
  readonly threadId: string;
  readonly reader: RunEventReader;
}

export interface RunEnding {
  /** Null when its log does not tell any more. */
  readonly status: EndEventData['status'] | null;
  readonly error: WireError | null;
  /** What it left; undefined after an error. */
  readonly values: unknown;
}

@Injectable()
export class RunFollower {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
  ) {}

  /** Throws as `RunCreationService.create`. */
  async start(creation: RunCreation): Promise<FollowedRun> {
    const { run, reader } = await this.creation.createAndRead(creation);
    return { runId: run.run_id, threadId: run.thread_id, reader };
  }

  /** A run that exists already, from an event on; -1 for all. @throws LongrunError RUN_NOT_FOUND */
  async join(runId: string, threadId: string, after: number): Promise<FollowedRun> {
    await this.runs.locate(runId, threadId);
    return { runId, threadId, reader: this.hub.open(runId, after) };
  }

  /**
   * Reads until the run has ended. Null when the client went before: the run is cancelled then.
   *
   * @param clientGone the client waits no longer
   * @param onEvent told of each event, in order
   */
  async follow(
    run: FollowedRun,
    clientGone: AbortSignal,
    onEvent: (event: NumberedRunEvent) => void | Promise<void> = () => undefined,
    onLeave: 'cancel' | 'continue' = 'cancel',
  ): Promise<RunEnding | null> {
    const { runId, threadId, reader } = run;
    const leave = (): void => reader.close();
    clientGone.addEventListener('abort', leave, { once: true });
    if (clientGone.aborted) leave();
    let status: RunEnding['status'] = null;
    try {
      for (let events = await reader.next(); events !== null; events = await reader.next()) {
        for (const event of events) {
          if (event.event === END_EVENT) status = (JSON.parse(event.data) as EndEventData).status;
          else await onEvent(event);
        }
      }
    } catch (error) {
      // A log that is gone leaves the result, or says that the run is gone too.
      if (!isLongrunError(error)) throw error;
    } finally {
      clientGone.removeEventListener('abort', leave);
      reader.close();
    }
    if (clientGone.aborted) {
      if (status === null && onLeave === 'cancel') {
        await this.cancellation.cancel(runId, threadId, DISCONNECTED).catch(() => null);
      }
      return null;
    }
    return { status, ...splitResult(JSON.parse(await this.runs.result(runId))) };
  }
}

function splitResult(result: unknown): Pick<RunEnding, 'error' | 'values'> {
  const error = (result as JsonObject | null)?.['__error__'];
  return error === undefined
    ? { error: null, values: result }
    : { error: error as WireError, values: undefined };
}
