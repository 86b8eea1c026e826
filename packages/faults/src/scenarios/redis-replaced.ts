/**
 * Redis is replaced by a copy of it that lacks the last writes, as when a primary dies before its replica has them. What it does have is
 * out of date: jobs of runs that have ended since.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { bullmqPrefix, RUNS_QUEUE } from '@longrun/contracts';
import { askRedis, startTestRedis, waitUntil, type TestRedis } from '@longrun/testing';
import { untilAllEnded } from '../harness/collect-history.js';
import type { Setting } from '../harness/on-stack.js';
import type { RedisUnderFault } from '../harness/redis-return.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import type { AcceptedRun } from '../harness/run-client.js';
import { pause, type Scenario } from '../scenario.js';

const LOST_MS = 2_000;
const AWAY_MS = 1_000;
/** Runs that are under way when the replica hears its last, and end before the primary dies. */
const OUTDATED = 6;
const OUTDATED_MS = 3_000;
/** BullMQ gives a job without a sign of life to another worker after its lock and a look: 30 s each by its defaults. */
const REDELIVERED_WITHIN_MS = 75_000;

interface ReplacedRedis extends RedisUnderFault {
  readonly primary: TestRedis;
  readonly replica: TestRedis;
  readonly outdated: AcceptedRun[];
}

async function start(): Promise<ReplacedRedis> {
  const primary = await startTestRedis();
  const replica = await startTestRedis({
    serverArguments: ['--replicaof', '127.0.0.1', String(primary.port)],
  });
  const isConnected = async () => ((await askRedis(replica.port, 'ROLE')) as unknown[])[3] === 'connected';
  await waitUntil(isConnected, { message: 'the replica to follow' });
  return {
    primary,
    replica,
    outdated: [],
    url: primary.url,
    queuePort: async () => primary.port,
    stop: async () => {
      await replica.stop();
      await primary.stop();
    },
  };
}

/** Where a server keeps what it saves. */
async function dumpOf({ port }: TestRedis): Promise<string> {
  const [, folder] = (await askRedis(port, 'CONFIG', 'GET', 'dir')) as [string, string];
  return join(folder, 'dump.rdb');
}

export const redisReplaced: Scenario = {
  name: 'redis-replaced',
  fault: 'kill -9 of Redis; in its place comes a replica that lost the writes of the last 2 s',
  must: REDIS_PROMISES,
  isShort: false,
  control: { without: 'claim of waiting runs alone', expects: /attempt is 2/ },
  run: onRedis({
    start,
    before: startOutdated,
    strikeMs: () => LOST_MS + AWAY_MS,
    async strike({ primary, replica, outdated }, { stack }) {
      // From here on the replica hears nothing; what it has is written to disk.
      await askRedis(replica.port, 'REPLICAOF', 'NO', 'ONE');
      await askRedis(replica.port, 'SAVE');
      const [saved, place] = [await dumpOf(replica), await dumpOf(primary)];
      await pause(LOST_MS);
      await untilAllEnded(stack, idsOf(outdated), OUTDATED_MS);
      await primary.kill();
      await pause(AWAY_MS);
      copyFileSync(saved, place);
      await primary.restart();
    },
    aftermath: untilRedelivered,
  }),
};

async function startOutdated({ outdated }: ReplacedRedis, { client }: Setting): Promise<AcceptedRun[]> {
  for (let index = 0; index < OUTDATED; index += 1) {
    const input = { steps: OUTDATED_MS / 250, ms: 250 };
    outdated.push(await client.create({ assistant_id: 'steps', input, stream_mode: ['custom'] }));
  }
  return outdated;
}

/** The jobs of the ended runs are in Redis again: waits until each has been given to a worker once more, and forgotten. */
async function untilRedelivered({ primary, outdated }: ReplacedRedis): Promise<string[]> {
  const jobs = idsOf(outdated).map((runId) => `${bullmqPrefix('')}:${RUNS_QUEUE}:${runId}-1`);
  const count = async () => Number(await askRedis(primary.port, 'EXISTS', ...jobs));
  if ((await count()) === 0) return ['the replaced Redis has no job of a run that has ended'];
  const wait = { timeoutMs: REDELIVERED_WITHIN_MS, intervalMs: 500, message: 'the jobs to be fetched' };
  await waitUntil(async () => (await count()) === 0, wait);
  return [];
}

function idsOf(runs: readonly AcceptedRun[]): string[] {
  return runs.map(({ runId }) => runId);
}
