/**
 * The life of a service process: says when it is ready, stops once on SIGTERM, SIGINT or the loss of its parent, and
 * never outlives its deadline.
 */
import type { Logger } from 'pino';

export interface ReadyMessage {
  type: 'ready';
  /** Where it listens: an api for everything, the others for health and metrics. */
  url?: string;
  /** Id of a worker. */
  id?: string;
}

/** Tells the process that started this one, if it listens, that this one is ready. */
export function announceReady(message: Omit<ReadyMessage, 'type'>): void {
  process.send?.({ type: 'ready', ...message } satisfies ReadyMessage);
}

/**
 * Calls `stop` once, on SIGTERM, SIGINT, or when the channel to the parent closes (it was killed and nobody else
 * would stop this process). Exits with 0, or with 1 when `stop` failed or took longer than `deadlineMs`.
 */
export function stopOnSignal(log: Logger, deadlineMs: number, stop: () => Promise<void>): void {
  let stopping = false;
  const begin = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    const timer = setTimeout(() => {
      log.error({ deadlineMs }, 'did not stop in time');
      process.exit(1);
    }, deadlineMs);
    timer.unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'failed to stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('SIGINT', () => begin('SIGINT'));
  if (process.channel) {
    process.on('disconnect', () => begin('parent gone'));
    // Listening must not keep a finished process alive.
    process.channel.unref();
  }
}

/** Errors whose message is all that an operator needs. */
const KNOWN_ERRORS = new Set(['ConfigError', 'LongrunError', 'RedisServerError']);

/** Runs the start of a process; a failure is printed as one clear message and ends it with 1. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const known = error instanceof Error && KNOWN_ERRORS.has(error.name);
    console.error(known ? error.message : error);
    process.exit(1);
  });
}
