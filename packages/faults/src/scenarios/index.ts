/**
 * All scenarios, in the order in which they are run.
 */
import type { Scenario } from '../scenario.js';
import { apiKilled } from './api-killed.js';
import { cancelEverywhere } from './cancel-everywhere.js';
import { clocksOff } from './clocks-off.js';
import { commitsCut } from './commits-cut.js';
import { eventLoopBlocked } from './event-loop-blocked.js';
import { mix } from './mix.js';
import { poisonRun } from './poison-run.js';
import { postgresFrozen, postgresRestarted, postgresSessionsEnded } from './postgres-away.js';
import { sweepersTogether } from './sweepers-together.js';
import { testPoints } from './test-points.js';
import { redisClientsKilled } from './redis-clients-killed.js';
import { redisCluster } from './redis-cluster.js';
import { redisFlushed } from './redis-flushed.js';
import { redisFrozen } from './redis-frozen.js';
import { redisFull } from './redis-full.js';
import { redisKilled } from './redis-killed.js';
import { redisNoClientsLeft } from './redis-no-clients-left.js';
import { redisReplaced } from './redis-replaced.js';
import { redisSentinel } from './redis-sentinel.js';
import { slowReaders } from './slow-readers.js';
import { workerAskedToStop } from './worker-asked-to-stop.js';
import { workerCutOff } from './worker-cut-off.js';
import { workerFrozen } from './worker-frozen.js';
import { workerKilled } from './worker-killed.js';
import { workersAllKilled } from './workers-all-killed.js';

export const SCENARIOS: readonly Scenario[] = [
  workerKilled,
  workersAllKilled,
  workerFrozen,
  eventLoopBlocked,
  workerAskedToStop,
  poisonRun,
  apiKilled,
  postgresFrozen,
  postgresRestarted,
  postgresSessionsEnded,
  commitsCut,
  workerCutOff,
  cancelEverywhere,
  sweepersTogether,
  clocksOff,
  testPoints,
  mix,
  redisFlushed,
  redisClientsKilled,
  redisFrozen,
  redisKilled,
  redisFull,
  redisNoClientsLeft,
  redisReplaced,
  redisSentinel,
  redisCluster,
  slowReaders,
];
