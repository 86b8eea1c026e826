/**
 * What a failed call to Postgres means: who is at fault, and whether the statement may have been executed.
 */

/** SQLSTATE classes and codes this product decides on. Source: PostgreSQL documentation, appendix A. */
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';
const SERIALIZATION_FAILURE = '40001';

/**
 * Codes of the Prisma client for a server that cannot be reached, does not answer, closes the connection or has none left.
 * Source: Prisma documentation, error message reference.
 */
const PRISMA_AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037']);

function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error ? code : undefined;
}

/**
 * True when the server is going away, not up yet, out of connections, or ended this session (classes 08, 53, 57P, and
 * the session timeout 25P03).
 */
function isServerAway(state: string): boolean {
  return state.startsWith('08') || state.startsWith('53') || state.startsWith('57P') || state === '25P03';
}

/** The same for an error of the Prisma client, which holds the answer of the server inside. */
function isAwayForPrisma(error: object): boolean {
  if (!('clientVersion' in error)) return false;
  if ('code' in error && PRISMA_AWAY.has(String(error.code))) return true;
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } };
  const state = meta?.driverAdapterError?.cause?.originalCode;
  return state !== undefined && isServerAway(state);
}

/** True when the server answered that this statement failed (it was not executed), and goes on serving. */
export function isStatementError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !isServerAway(state);
}

/**
 * True when Postgres could not be reached, did not answer in time or is restarting. Whether a statement in flight was
 * executed is unknown, except for connection refusals.
 */
export function isPostgresUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const state = sqlState(error);
  if (state !== undefined) return isServerAway(state);
  if ('commitOutcomeUnknown' in error || isAwayForPrisma(error)) return true;
  if ('code' in error && typeof error.code === 'string') {
    if (/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(error.code)) return true;
    // A server that is reached through a socket, and has gone with it. A file that is missing has the same code.
    if (error.code === 'ENOENT' && 'message' in error && /connect ENOENT/.test(String(error.message)))
      return true;
  }
  const message = error instanceof Error ? error.message : '';
  return /Connection terminated|timeout exceeded when trying to connect|Query read timeout|connection timeout|Client has encountered a connection error|Client was closed|timeout expired/i.test(
    message,
  );
}

/** True when a row with the same key exists. With `constraint`, only for that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== UNIQUE_VIOLATION) return false;
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint;
}

/** True when a row that must exist does not. */
export function isForeignKeyViolation(error: unknown): boolean {
  return sqlState(error) === FOREIGN_KEY_VIOLATION;
}

/** True when another transaction was in the way; the same call may succeed at once. */
export function isLockConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === LOCK_NOT_AVAILABLE || state === DEADLOCK_DETECTED || state === SERIALIZATION_FAILURE;
}
