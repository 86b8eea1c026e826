/**
 * All suites, in the order in which they run.
 */
import type { Suite } from '../suite.js';
import { counts } from './counts.js';
import { crowd } from './crowd.js';
import { fanOut } from './fan-out.js';
import { floors } from './floors.js';
import { growth } from './growth.js';
import { idle } from './idle.js';
import { recovery } from './recovery.js';
import { retention } from './retention.js';
import { start } from './start.js';
import { throughput } from './throughput.js';
import { tokensSuite } from './tokens.js';

export const SUITES: readonly Suite[] = [
  start,
  throughput,
  tokensSuite,
  fanOut,
  idle,
  counts,
  floors,
  recovery,
  growth,
  retention,
  crowd,
];
