/**
 * Defaults of the settings that more than one process shares. Each is overridable by the environment variable of the
 * same name (see `docs/configuration.md`).
 */

/** How often a worker renews its heartbeat. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** A worker whose heartbeat has not changed for this long and whose advisory lock is free is dead. */
export const LOCK_FREE_VERDICT_MS = 2_000;
/** A worker whose heartbeat has not changed for this long is dead, whatever its lock says. */
export const LEASE_MS = 10_000;
/** How often the sweeper looks. */
export const SWEEP_INTERVAL_MS = 500;
/** Without a confirmed renewal for this long a worker claims nothing and starts no further step. */
export const HEARTBEAT_DOUBT_MS = 8_000;
/** Without a confirmed renewal for this long a worker aborts its graphs and writes no status. */
export const HEARTBEAT_GIVE_UP_MS = 60_000;
/** A pending run that was not claimed within this time is dispatched again. */
export const REDISPATCH_AFTER_MS = 1_000;
/** Deaths of the process that executed a run, without progress between them, after which it ends as `error`. */
export const CRASH_LIMIT = 3;
/**
 * Crashes from which on a run executes in a process of its own until it has made progress. The first is mostly not its fault: machines are
 * taken away, memory runs out, somebody restarts a container.
 */
export const SUSPECT_CRASHES = 2;
/**
 * The limit for a suspect whose whole worker died. It is apart, so it was hardly what killed the worker, unless the
 * machine or container ended all processes together, as for want of memory: therefore not without end.
 */
export const SUSPECT_WORKER_DEATH_LIMIT = 10;
/** Runs that may have killed their worker and have made no progress since, executed at a time by one worker, each in a process of its own. */
export const ISOLATED_PROCESSES = 4;
/** How long a cancelled graph may take to stop before its run is finished without it. */
export const CANCEL_GRACE_MS = 500;
/** A cancel that no worker acknowledged within this time is finished by the api. */
export const CANCEL_UNACKNOWLEDGED_MS = 1_000;
/** Longest run. Source: the platform's job timeout. */
export const JOB_TIMEOUT_SECONDS = 3_600;
/** Runs at a time per worker: agent runs mostly wait for models. */
export const N_JOBS_PER_WORKER = 50;
/** How long a stopping worker lets its runs go on before it releases them. */
export const DRAIN_GRACE_MS = 30_000;
/** How long the user's own authentication may take over one request. */
export const AUTH_TIMEOUT_MS = 10_000;
/** Interval of the comment that keeps an SSE connection alive. Source: the platform. */
export const SSE_HEARTBEAT_MS = 5_000;
/** Bytes that may wait for one reader before it leaves live mode. */
export const READER_BUFFER_BYTES = 256 * 1024;
/** Largest event. */
export const EVENT_LIMIT_BYTES = 4 * 1024 * 1024;
/** Headers of a request together. Source: Node's own. */
export const HEADER_LIMIT_BYTES = 16 * 1024;
/** Headers of a request; browsers behind several proxies send about 50. */
export const HEADER_LIMIT_COUNT = 200;
/** Largest request body. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;
/** How long the log of an ended run is kept: 7 days. */
export const RUN_EVENT_RETENTION_SECONDS = 7 * 24 * 3_600;
/** How long the record of a webhook that was delivered, or given up, is kept: 7 days. */
export const WEBHOOK_LOG_RETENTION_SECONDS = 7 * 24 * 3_600;
/** How often is looked for what has expired. */
export const RETENTION_INTERVAL_SECONDS = 10;
/** Rows that one statement of the retention deletes at most. */
export const RETENTION_BATCH_ROWS = 5_000;
/** How long a temporary thread, hidden at the end of its run, is kept. */
export const TEMPORARY_THREAD_SECONDS = 120;
/** Events in the hot tail of a run. */
export const HOT_TAIL_EVENTS = 1_000;
/** How long a hot tail lives after its last event. */
export const HOT_TAIL_TTL_MS = 600_000;
/** How long an `Idempotency-Key` is remembered: a day. Source: what payment services do. */
export const IDEMPOTENCY_KEY_SECONDS = 24 * 3_600;
/** Window in which runs of a caller are counted, once a quota is set. */
export const RUN_QUOTA_WINDOW_SECONDS = 3_600;
/** Port of the api. Source: the platform. */
export const API_PORT = 8123;
/** Seconds a client is asked to wait while Postgres is away. */
export const RETRY_AFTER_SECONDS = 2;
/** How long the TypeScript of a graph's file is read for its schemas before they are made without. Source: the platform. */
export const LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS = 30_000;
