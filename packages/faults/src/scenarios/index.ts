/**
 * All scenarios, in the order in which they are run.
 */
import type { Scenario } from '../scenario.js';
import { workerKilled } from './worker-killed.js';

export const SCENARIOS: readonly Scenario[] = [workerKilled];
