/**
 * Settings of processes that execute runs: workers, and the api in single mode.
 */
import {
  CANCEL_GRACE_MS,
  CRASH_LIMIT,
  DRAIN_GRACE_MS,
  EVENT_LIMIT_BYTES,
  ISOLATED_PROCESSES,
  JOB_TIMEOUT_SECONDS,
  N_JOBS_PER_WORKER,
} from '@longrun/contracts';
import { IntegerSetting } from './setting.js';
import { SharedConfig } from './shared-config.js';

export class ExecutionConfig extends SharedConfig {
  @IntegerSetting({
    description: 'Runs at a time in one worker. Agent runs mostly wait for models.',
    min: 1,
    max: 1_000,
  })
  N_JOBS_PER_WORKER: number = N_JOBS_PER_WORKER;

  @IntegerSetting({
    description: 'How long a stopping worker lets its runs go on before it gives them back, milliseconds.',
    min: 0,
  })
  DRAIN_GRACE_MS: number = DRAIN_GRACE_MS;

  @IntegerSetting({
    description:
      'How long the end of a cancelled run waits for its last checkpoints and for the state that its thread shows, milliseconds; it never waits for its graph. The api ends a run after 1,000 by itself, and its thread then shows the state before the run until the next one.',
    min: 0,
    max: 60_000,
  })
  CANCEL_GRACE_MS: number = CANCEL_GRACE_MS;

  @IntegerSetting({ description: 'Longest run, seconds; then it ends as timeout.', min: 1 })
  JOB_TIMEOUT_SECONDS: number = JOB_TIMEOUT_SECONDS;

  @IntegerSetting({
    description:
      'Silence of the event loop, milliseconds, after which runs past their timeout are ended from outside and the process is killed.',
    min: 1_000,
  })
  SILENT_LOOP_LIMIT_MS: number = 60_000;

  @IntegerSetting({ description: 'Largest event a graph may produce, bytes.', min: 1_024 })
  EVENT_LIMIT_BYTES: number = EVENT_LIMIT_BYTES;

  @IntegerSetting({
    description:
      'Deaths of the process that executed a run, without progress between them, after which it ends as error. From the second on it has a process of its own; if its whole worker dies then, it ends with the 10th.',
    min: 1,
  })
  CRASH_LIMIT: number = CRASH_LIMIT;

  @IntegerSetting({
    description:
      'Suspect runs at a time in one worker, each in a process of its own (about 140 MB): runs whose process has died twice, until they have made progress. Others wait.',
    min: 1,
    max: 100,
  })
  ISOLATED_PROCESSES: number = ISOLATED_PROCESSES;
}
