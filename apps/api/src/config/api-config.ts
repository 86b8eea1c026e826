/**
 * Settings of an api. In single mode it executes runs too, with the settings of a worker.
 */
import {
  API_PORT,
  AUTH_TIMEOUT_MS,
  BODY_LIMIT_BYTES,
  HEADER_LIMIT_BYTES,
  HEADER_LIMIT_COUNT,
  LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS,
  READER_BUFFER_BYTES,
  RUN_QUOTA_WINDOW_SECONDS,
} from '@longrun/contracts';
import { BooleanSetting, ExecutionConfig, IntegerSetting, TextSetting } from '@longrun/service-kit';

export class ApiConfig extends ExecutionConfig {
  @IntegerSetting({ description: 'Port of the HTTP API; 0 takes any free one.', min: 0, max: 65_535 })
  PORT: number = API_PORT;

  @IntegerSetting({ description: 'Largest request body, bytes.', min: 1_024 })
  BODY_LIMIT_BYTES: number = BODY_LIMIT_BYTES;

  @IntegerSetting({
    description: 'Headers of a request together, bytes; with them the URL.',
    min: 2_048,
    max: 1_048_576,
  })
  HEADER_LIMIT_BYTES: number = HEADER_LIMIT_BYTES;

  @IntegerSetting({ description: 'Headers of a request, number.', min: 20, max: 2_000 })
  HEADER_LIMIT_COUNT: number = HEADER_LIMIT_COUNT;

  @IntegerSetting({
    description: 'Bytes that may wait for one reader of a stream before it falls back to reading the log.',
    min: 16_384,
  })
  READER_BUFFER_BYTES: number = READER_BUFFER_BYTES;

  @BooleanSetting({
    description: 'Offers POST /internal/truncate, which deletes everything. For tests alone.',
  })
  LONGRUN_TESTING: boolean = false;

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

  @TextSetting({
    description:
      'What the system assistants of graphs are configured with: JSON {<graph>: {configurable, context, recursion_limit, tags}}.',
    example: '{"agent": {"configurable": {"model": "small"}, "context": {}}}',
  })
  LANGGRAPH_CONFIG?: string;

  @IntegerSetting({
    description:
      'How long the TypeScript of a graph is read for its schemas before they are made from the graph alone, milliseconds.',
    min: 1,
  })
  LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS: number = LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS;

  @TextSetting({
    description:
      'How callers are authenticated: keys (`longrun keys create`), custom (`auth.path` of langgraph.json) or none. Default: custom with `auth.path`; else none on a loopback HOST, keys on any other.',
    oneOf: ['keys', 'custom', 'none'],
  })
  AUTH?: string;

  @IntegerSetting({
    description: 'How long `auth.path` of langgraph.json may take over one request, milliseconds.',
    min: 1,
  })
  AUTH_TIMEOUT_MS: number = AUTH_TIMEOUT_MS;

  @TextSetting({
    description:
      'Lets LangGraph Studio in beside `auth.path`: requests with `x-auth-scheme: langsmith` and this `x-api-key`. Without it nobody is taken for Studio.',
  })
  STUDIO_API_KEY?: string;

  @IntegerSetting({
    description:
      'Requests per second of each authenticated caller; 0: any number. An API key may have its own (`longrun keys create --rate`).',
    min: 0,
    max: 1_000_000,
  })
  RATE_LIMIT_PER_SECOND: number = 0;

  @IntegerSetting({
    description: 'Requests that a caller may send at once. Default: those of one second.',
    min: 1,
    max: 1_000_000,
    optional: true,
  })
  RATE_LIMIT_BURST?: number;

  @BooleanSetting({
    description:
      'Limits who is not authenticated too, by address. Behind a proxy that is one address for all.',
  })
  RATE_LIMIT_ANONYMOUS: boolean = false;

  @IntegerSetting({
    description:
      'Runs that each caller may create per window; 0: any number. An API key may have its own (`longrun keys create --quota`).',
    min: 0,
    max: 1_000_000_000,
  })
  RUN_QUOTA: number = 0;

  @IntegerSetting({
    description: 'Length of that window, which begins with its first run, seconds.',
    min: 1,
    max: 2_678_400,
  })
  RUN_QUOTA_WINDOW_SECONDS: number = RUN_QUOTA_WINDOW_SECONDS;
}
