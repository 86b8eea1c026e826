/**
 * The taxonomy of Longrun's errors: stable codes, each with its HTTP status and whether the same call may succeed later.
 * `docs/errors.md` is generated from {@link ERROR_CODES}.
 */

interface ErrorCode {
  readonly status: number;
  readonly retryable: boolean;
  /** When it is answered, and the remedy. */
  readonly meaning: string;
}

/** All codes. The HTTP status is the one that the platform answers. */
export const ERROR_CODES = {
  MALFORMED_JSON: {
    status: 400,
    retryable: false,
    meaning: 'The body is not JSON. Send a JSON object with content-type application/json.',
  },
  MALFORMED_REQUEST: {
    status: 400,
    retryable: false,
    meaning: 'What came is no HTTP request, or stopped before its end. The connection is closed.',
  },
  MALFORMED_PROTOCOL_REQUEST: {
    status: 400,
    retryable: false,
    meaning:
      'The body is no command of protocol v2, or asks for an event stream that there is not; the message names the field. See docs/protocol-v2.md.',
  },
  THREAD_HAS_NO_GRAPH: {
    status: 400,
    retryable: false,
    meaning:
      'The thread has not run a graph yet, so its state cannot be written. Run one, or set metadata.graph_id.',
  },
  NAMESPACE_REQUIRED: {
    status: 400,
    retryable: false,
    meaning: 'An item of the store needs a namespace: a list of at least one label.',
  },
  NOTHING_TO_UPDATE: {
    status: 400,
    retryable: false,
    meaning: 'The body of the update names no field that can be changed.',
  },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    meaning:
      'The credentials were not accepted: no valid API key, or auth.path of langgraph.json did not recognise who sends the request.',
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    meaning: 'A handler of auth.path refused this caller the action.',
  },
  NOT_FOUND: { status: 404, retryable: false, meaning: 'There is no such route.' },
  ASSISTANT_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning:
      'No assistant has this id and no graph has this name. GET /info or POST /assistants/search lists them.',
  },
  GRAPH_NOT_SERVED: {
    status: 404,
    retryable: false,
    meaning:
      'An assistant names a graph that is not in langgraph.json; the message lists those that are. Nothing was written.',
  },
  ASSISTANT_VERSION_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning: 'The assistant has no such version. POST /assistants/{assistant_id}/versions lists them.',
  },
  THREAD_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning: 'The thread does not exist or was deleted. Create it, or pass if_not_exists: "create".',
  },
  RUN_NOT_FOUND: { status: 404, retryable: false, meaning: 'The run does not exist or was deleted.' },
  CRON_NOT_FOUND: { status: 404, retryable: false, meaning: 'The cron does not exist or was deleted.' },
  API_KEY_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning: 'No valid API key has this id. `longrun keys list` shows them.',
  },
  CHECKPOINT_NOT_FOUND: { status: 404, retryable: false, meaning: 'The thread has no such checkpoint.' },
  UI_NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning:
      'No component: langgraph.json names none for this graph, or there is no component or file of this name; the message says which.',
  },
  ASSISTANT_EXISTS: {
    status: 409,
    retryable: false,
    meaning: 'An assistant has this id already. Pass if_exists: "do_nothing" to get it.',
  },
  ASSISTANT_IS_SYSTEM: {
    status: 409,
    retryable: false,
    meaning:
      'The assistant that the server made for a graph of langgraph.json stays as long as the graph, and stays with it.',
  },
  ASSISTANT_BUSY: {
    status: 409,
    retryable: true,
    meaning:
      'Runs of the assistant that were being created when it was deleted kept its rows. It is hidden; delete it again.',
  },
  THREAD_EXISTS: {
    status: 409,
    retryable: false,
    meaning: 'A thread has this id already. Pass if_exists: "do_nothing" to get it.',
  },
  THREAD_TO_COPY_NOT_FOUND: {
    status: 409,
    retryable: false,
    meaning: 'The thread to copy does not exist or was deleted.',
  },
  THREAD_BUSY: {
    status: 409,
    retryable: true,
    meaning: 'The thread has an active run. Wait for it, cancel it, or choose another multitask_strategy.',
  },
  RUN_ACTIVE: {
    status: 409,
    retryable: true,
    meaning: 'The run has not ended yet. Wait for it or cancel it.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    retryable: false,
    meaning: 'The Idempotency-Key was used for another request. Send a new key with a new request.',
  },
  BODY_TOO_LARGE: { status: 413, retryable: false, meaning: 'The body is larger than BODY_LIMIT_BYTES.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, meaning: 'The body is not application/json.' },
  VALIDATION_FAILED: {
    status: 422,
    retryable: false,
    meaning: 'A field of the request is wrong; the message names it.',
  },
  EVENT_TOO_LARGE: {
    status: 422,
    retryable: false,
    meaning: 'A graph produced an event above EVENT_LIMIT_BYTES; its run ended as error.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    meaning:
      'The caller sends more requests per second than RATE_LIMIT_PER_SECOND or its API key allows. Nothing was done; try again after Retry-After seconds.',
  },
  RUN_QUOTA_EXCEEDED: {
    status: 429,
    retryable: true,
    meaning:
      'The caller has created as many runs as RUN_QUOTA or its API key allows in a window. Nothing was written; try again after Retry-After seconds.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    retryable: false,
    meaning: 'The headers are larger than HEADER_LIMIT_BYTES, or more than HEADER_LIMIT_COUNT.',
  },
  AUTH_FAILED: {
    status: 500,
    retryable: false,
    meaning:
      'A handler of auth.path failed, or returned what is not understood. Nothing was let through; the log has the cause.',
  },
  GRAPH_NOT_FOUND: { status: 500, retryable: false, meaning: 'No graph of this name is in langgraph.json.' },
  GRAPH_LOAD_FAILED: {
    status: 500,
    retryable: false,
    meaning: 'A graph file could not be loaded; the message names the file and the cause.',
  },
  CUSTOM_ROUTE_FAILED: {
    status: 500,
    retryable: false,
    meaning:
      'A route of http.app threw, or answered with no Response. The log of the server holds the cause.',
  },
  RUN_FENCED: {
    status: 500,
    retryable: false,
    meaning: 'An attempt wrote after its run had been taken from it. Internal: never reaches a client.',
  },
  CRASH_LIMIT: {
    status: 500,
    retryable: false,
    meaning:
      'The worker processes that executed the run died as often as CRASH_LIMIT allows without progress between.',
  },
  RUN_TIMEOUT: { status: 500, retryable: false, meaning: 'The run took longer than JOB_TIMEOUT_SECONDS.' },
  INTERNAL: {
    status: 500,
    retryable: false,
    meaning: 'A fault of the server. Its log holds the cause under the request id.',
  },
  EMBEDDING_FAILED: {
    status: 502,
    retryable: true,
    meaning:
      'The embedding that store.index of langgraph.json names did not answer, or not as many numbers as its dims say. Nothing was written.',
  },
  POSTGRES_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'Postgres did not answer in time. Nothing was accepted; try again after Retry-After seconds.',
  },
  REDIS_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'Redis did not answer. Internal: requests go on without it.',
  },
  AUTH_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning:
      'The handler of auth.path did not answer within AUTH_TIMEOUT_MS. Nothing was let through; try again.',
  },
  SHUTTING_DOWN: {
    status: 503,
    retryable: true,
    meaning: 'The process is stopping. Try again; another one answers.',
  },
} as const satisfies Record<string, ErrorCode>;

export type LongrunErrorCode = keyof typeof ERROR_CODES;

const BRAND = Symbol.for('longrun.error');

/**
 * The one error class that crosses package boundaries.
 *
 * @param code one of {@link ERROR_CODES}
 * @param message what happened, the number that mattered, and the remedy; shown to clients for codes below 500 and 503
 */
export class LongrunError extends Error {
  readonly code: LongrunErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: LongrunErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'LongrunError';
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** True for a {@link LongrunError}, also one of another copy of this package. */
export function isLongrunError(error: unknown, code?: LongrunErrorCode): error is LongrunError {
  const branded = typeof error === 'object' && error !== null && BRAND in error;
  return branded && (code === undefined || ('code' in error && error.code === code));
}
