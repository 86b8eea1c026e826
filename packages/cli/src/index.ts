/**
 * `@longrun/cli`: the commands of `longrun`, for those who start it from a program.
 */
export { runCli } from './cli.js';
export { migrateDatabase } from './start/migrate-database.js';
export { stackFile } from './start/stack.js';
export type { Stack } from './start/stack.js';
