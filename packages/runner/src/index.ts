/**
 * `@longrun/runner`: executes runs in a process. Joins `@longrun/runs` (who may execute, what is recorded) with
 * `@longrun/graphs` (how a graph is executed).
 */
export { LangGraphEngine } from './graph-engine.js';
export { Runner, type RunnerOptions } from './runner.js';
