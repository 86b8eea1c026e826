/**
 * Which errors of Postgres pass by themselves, and waiting until they have passed. Changes when a new kind of outage
 * is met.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** SQLSTATE classes and codes after which the same transaction may succeed. */
const TRANSIENT_SQLSTATE = /^(08...|57P0[1-5]|53...|40001|40P01|55P03|57014|25P0[34])$/;
const TRANSIENT_NODE = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** Errors of node-postgres that carry no code. */
const TRANSIENT_MESSAGE =
  /connection terminated|connection error|timeout exceeded when trying to connect|not queryable|query read timeout/i;

const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 1_000;

/** True for an error of the connection, of a restart, or of a lock: nothing is wrong with the statement. */
function isTransientPostgresError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  // A server that is reached through a socket, and has gone with it.
  if (code === 'ENOENT' && (error as { syscall?: unknown }).syscall === 'connect') return true;
  if (typeof code === 'string' && (TRANSIENT_SQLSTATE.test(code) || TRANSIENT_NODE.test(code))) return true;
  return typeof message === 'string' && typeof code !== 'string' && TRANSIENT_MESSAGE.test(message);
}

/**
 * Repeats `action` until Postgres is back, with full jitter up to {@link LONGEST_DELAY_MS}. The action must be one
 * whose repetition changes nothing: the outcome of a lost COMMIT is unknown.
 *
 * @throws the reason of `signal` when it aborts; any error that is not transient at once
 */
export async function retryWhilePostgresIsAway<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let limit = FIRST_DELAY_MS; ; limit = Math.min(limit * 2, LONGEST_DELAY_MS)) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (!isTransientPostgresError(error)) throw error;
    }
    await sleep(Math.random() * limit, undefined, { signal }).catch(() => undefined);
  }
}
