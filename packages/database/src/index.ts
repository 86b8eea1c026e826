/**
 * `@longrun/database`: the schema, its migrations and the ways to reach Postgres.
 *
 * @example
 * await migrate(url);
 * const pool = createPool({ url });
 * const prisma = createPrismaClient(pool);
 */
export { askPostgres } from './ask-postgres.js';
export {
  isForeignKeyViolation,
  isLockConflict,
  isPostgresUnavailable,
  isStatementError,
  isUniqueViolation,
} from './failure.js';
export { migrate, pendingMigrations } from './migrate.js';
export {
  CONNECT_TIMEOUT_MS,
  createPool,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  sessionSettings,
  STATEMENT_TIMEOUT_MS,
  type DatabaseSettings,
} from './pool.js';
export { createPrismaClient, Prisma, PrismaClient } from './prisma.js';
export {
  CommitOutcomeUnknownError,
  inOneStatement,
  inTransaction,
  isCommitOutcomeUnknown,
} from './transaction.js';
