/**
 * When the processes are on the fast path again after Redis has returned: every process is connected, every worker waits for jobs at
 * Redis, a job has been completed since, and every api serves Redis operations.
 */
import { bullmqPrefix, RUNS_QUEUE } from '@longrun/contracts';
import { askRedis, waitUntil } from '@longrun/testing';
import type { FaultStack } from './fault-stack.js';
import type { Outcome } from '../scenario.js';

const BACK_WITHIN_MS = 3_000;
const GIVE_UP_AFTER_MS = 30_000;
const QUEUE_KEY = `${bullmqPrefix('')}:${RUNS_QUEUE}`;

/** A Redis that a scenario harms. */
export interface RedisUnderFault {
  readonly url: string;
  /** Port of the server that has the queue now. @throws Error while none has */
  queuePort(queueKey: string): Promise<number>;
  stop(): Promise<void>;
}

/** To be called while all is well, with runs being submitted all the time from then on. */
export async function watchReturn(
  stack: FaultStack,
  redis: RedisUnderFault,
): Promise<{ measure(): Promise<Outcome> }> {
  const { apis, workers, sweepers } = stack.stack.info;
  const processes = apis.length + workers.length + sweepers.length;
  // One that has just fetched a job does not wait at that moment: each has to be seen waiting once.
  const seen = new Set<string>();
  const isFast = async (since: number): Promise<true> => {
    const port = await redis.queuePort(QUEUE_KEY);
    const clients = String(await askRedis(port, 'CLIENT', 'LIST')).split('\n');
    atLeast(processes, clients, / name=longrun-\w+:command/, 'processes are connected to Redis');
    for (const client of clients) if (/ flags=b .* cmd=bzpopmin /.test(client)) seen.add(idOf(client));
    if (seen.size < workers.length) {
      throw new Error(`${String(seen.size)} of ${String(workers.length)} workers wait for jobs at Redis`);
    }
    if (!(await hasCompleted(port, since))) throw new Error('no job has been completed');
    for (const url of stack.apiUrls) {
      const metrics = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) })).text();
      if (!/^longrun_redis_available\b.* 1$/m.test(metrics)) throw new Error(`${url} takes Redis for away`);
    }
    return true;
  };
  // What cannot be seen in peace would say nothing after the fault.
  await waitUntil(() => isFast(0), {
    timeoutMs: GIVE_UP_AFTER_MS,
    message: 'the fast path before the fault',
  });
  return {
    async measure() {
      const [returnedAt, startedAt] = [Date.now(), performance.now()];
      seen.clear();
      const wait = { timeoutMs: GIVE_UP_AFTER_MS, intervalMs: 50, message: 'the fast path' };
      let missing = '';
      const look = () =>
        isFast(returnedAt).catch((error: unknown) => {
          missing = String(error);
          throw error;
        });
      try {
        await waitUntil(look, wait);
      } catch (error) {
        return { problems: [`back on the fast path: ${String(error)}`], figures: {} };
      }
      const ms = Math.round(performance.now() - startedAt);
      const problems =
        ms > BACK_WITHIN_MS
          ? [`back on the fast path after ${String(ms)} ms, above 3,000: until then ${missing}`]
          : [];
      return { problems, figures: { 'back on the fast path ms': ms } };
    },
  };
}

function atLeast(expected: number, clients: readonly string[], pattern: RegExp, what: string): void {
  const count = clients.filter((client) => pattern.test(client)).length;
  if (count < expected) throw new Error(`${String(count)} of ${String(expected)} ${what}`);
}

function idOf(client: string): string {
  return /^id=(\d+)/.exec(client)?.[1] ?? '';
}

/** BullMQ notes in a stream what becomes of jobs; its ids are times. */
async function hasCompleted(port: number, since: number): Promise<boolean> {
  const entries = (await askRedis(port, 'XREVRANGE', `${QUEUE_KEY}:events`, '+', since, 'COUNT', 100)) as [
    string,
    string[],
  ][];
  return entries.some(([, fields]) => fields[fields.indexOf('event') + 1] === 'completed');
}
