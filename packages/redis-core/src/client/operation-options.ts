/**
 * What a caller may say about one operation.
 */

/**
 * How much an operation matters, which decides who is served first and what happens while Redis is away:
 *
 * - `critical`: first in line; waits for Redis to come back, within its deadline, and is retried in line
 * - `high`, `normal`: fail at once while Redis is away; {@link StoreOptions} can have them executed later
 * - `low`: last in line; never retried; dropped and counted when Redis cannot do it now
 */
export type OperationPriority = 'critical' | 'high' | 'normal' | 'low';

/** Options of every operation of the client. */
export interface OperationOptions {
  /** Default `normal`. */
  readonly priority?: OperationPriority;
  /**
   * Deadline of the whole operation with its waits and retries, milliseconds from now. Default: the setting
   * `operationTimeoutMs`, which also limits every single try.
   */
  readonly timeoutMs?: number;
  /** Gives up: the caller gets `ABORTED` at once. What has been sent may be executed all the same. */
  readonly signal?: AbortSignal;
  /**
   * Whether executing it twice is the same as executing it once. Only then is it repeated after an unknown outcome.
   * Every method has its own default, named in its description; {@link ResilientRedisClient.execute} takes false.
   */
  readonly idempotent?: boolean;
}

/** Class in which an operation of this priority waits for a permit; 0 is first. */
export function permitClass(priority: OperationPriority): 0 | 1 | 2 {
  switch (priority) {
    case 'critical':
      return 0;
    case 'high':
      return 1;
    case 'normal':
    case 'low':
      return 2;
  }
}
