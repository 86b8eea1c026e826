/**
 * `@longrun/test-stack`: the real system for tests, as processes, and its database. Builds on `@longrun/testing`.
 */
export { createTestDatabase } from './test-database.js';
export { startTestStack } from './test-stack.js';
export type { TestStack, TestStackOptions } from './test-stack.js';
