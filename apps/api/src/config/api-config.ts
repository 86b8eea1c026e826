/**
 * Settings of an api. In single mode it executes runs too, with the settings of a worker.
 */
import {
  API_PORT,
  BODY_LIMIT_BYTES,
  CRASH_LIMIT,
  DRAIN_GRACE_MS,
  EVENT_LIMIT_BYTES,
  JOB_TIMEOUT_SECONDS,
  N_JOBS_PER_WORKER,
  READER_BUFFER_BYTES,
} from '@longrun/contracts';
import { BooleanSetting, IntegerSetting, SharedConfig, TextSetting } from '@longrun/service-kit';

export class ApiConfig extends SharedConfig {
  @IntegerSetting({ description: 'Port of the HTTP API; 0 takes any free one.', min: 0, max: 65_535 })
  PORT: number = API_PORT;

  @IntegerSetting({ description: 'Largest request body, bytes.', min: 1_024 })
  BODY_LIMIT_BYTES: number = BODY_LIMIT_BYTES;

  @IntegerSetting({
    description: 'Bytes that may wait for one reader of a stream before it falls back to reading the log.',
    min: 16_384,
  })
  READER_BUFFER_BYTES: number = READER_BUFFER_BYTES;

  @BooleanSetting({
    description: 'Ends every stream with `event: end`. Some clients take an unknown event for a fault.',
  })
  STREAM_END_EVENT: boolean = false;

  @TextSetting({ description: 'Origins that browsers may call from, comma-separated; * for all.' })
  CORS_ORIGINS: string = '*';

  @TextSetting({
    description: 'Body of an error: json is {"detail": …} as on the platform, text the message alone.',
    oneOf: ['json', 'text'],
  })
  HTTP_ERROR_FORMAT: string = 'json';

  @IntegerSetting({ description: 'Single mode: runs at a time.', min: 1, max: 1_000 })
  N_JOBS_PER_WORKER: number = N_JOBS_PER_WORKER;

  @IntegerSetting({
    description: 'Single mode: how long a stopping process lets its runs go on, milliseconds.',
    min: 0,
  })
  DRAIN_GRACE_MS: number = DRAIN_GRACE_MS;

  @IntegerSetting({ description: 'Single mode: longest run, seconds.', min: 1 })
  JOB_TIMEOUT_SECONDS: number = JOB_TIMEOUT_SECONDS;

  @IntegerSetting({
    description:
      'Single mode: silence of the event loop after which overdue runs are ended from outside, milliseconds.',
    min: 1_000,
  })
  SILENT_LOOP_LIMIT_MS: number = 60_000;

  @IntegerSetting({ description: 'Single mode: largest event a graph may produce, bytes.', min: 1_024 })
  EVENT_LIMIT_BYTES: number = EVENT_LIMIT_BYTES;

  @IntegerSetting({
    description: 'Single mode: deaths of the process without progress after which a run ends as error.',
    min: 1,
  })
  CRASH_LIMIT: number = CRASH_LIMIT;
}
