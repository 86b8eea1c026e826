/**
 * The two shapes of load: as fast as the answers come, and as fast as a schedule says.
 */
import { nowMs } from '../harness/clock.js';

export interface LoopResult {
  /** Operations that were finished. */
  readonly operations: number;
  /** Those that were finished within the time, per second. */
  readonly rate: number;
  /** What went wrong, at most a few of them. */
  readonly problems: readonly string[];
}

const MAX_PROBLEMS = 5;

/**
 * `concurrency` operations at a time for `seconds`; the last ones are waited for, and do not count for the rate.
 */
export async function closedLoop(
  operation: () => Promise<void>,
  concurrency: number,
  seconds: number,
): Promise<LoopResult> {
  const problems: string[] = [];
  const startedAt = nowMs();
  const until = startedAt + seconds * 1_000;
  let operations = 0;
  let inTime = 0;
  let lastAt = startedAt;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (nowMs() < until) {
        if (!(await attempt(operation, problems))) continue;
        operations += 1;
        lastAt = nowMs();
        if (lastAt <= until) inTime += 1;
      }
    }),
  );
  // One at a time, the last one belongs to the time that it took: a slow server would else be 0.
  const rate = concurrency === 1 ? operations / ((lastAt - startedAt) / 1_000) : inTime / seconds;
  return { operations, rate: operations === 0 ? 0 : rate, problems };
}

/** An operation every 1 / `perSecond`, whether or not earlier ones have ended; all are waited for. */
export async function openLoop(
  operation: () => Promise<void>,
  perSecond: number,
  seconds: number,
): Promise<LoopResult> {
  const problems: string[] = [];
  const startedAt = nowMs();
  const total = Math.max(1, Math.round(perSecond * seconds));
  const pending: Promise<boolean>[] = [];
  for (let index = 0; index < total; index += 1) {
    const waitMs = startedAt + (index * 1_000) / perSecond - nowMs();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    pending.push(attempt(operation, problems));
  }
  const operations = (await Promise.all(pending)).filter((done) => done).length;
  return { operations, rate: operations / ((nowMs() - startedAt) / 1_000), problems };
}

async function attempt(operation: () => Promise<void>, problems: string[]): Promise<boolean> {
  try {
    await operation();
    return true;
  } catch (error) {
    if (problems.length < MAX_PROBLEMS) problems.push(error instanceof Error ? error.message : String(error));
    return false;
  }
}
