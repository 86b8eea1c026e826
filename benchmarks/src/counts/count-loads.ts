/**
 * Counting a stack under several loads, with what it does at rest taken off.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient } from '../load/http-client.js';
import { createRun, joinedRun, NOOP, steps, streamRun, tokens } from '../load/run-requests.js';
import type { Counted, CountedStack } from './counted-stack.js';
import { perRun, type Tally } from './tally.js';

/** A load: as many runs as it is told. */
export interface CountedLoad {
  readonly name: string;
  /** Runs relative to the others: long ones are fewer. */
  readonly share: number;
  run(stack: CountedStack, client: HttpClient, runs: number): Promise<void>;
}

/** What one run of a load costs. */
export interface RunCosts {
  readonly load: string;
  readonly runs: number;
  readonly tally: Tally;
  readonly redis: ReadonlyMap<string, number>;
  readonly events: number;
  readonly walBytes: number;
}

export const TOKENS_PER_RUN = 100;
/** Far enough apart that every token is a batch of its own: what an event costs at most. */
const TOKEN_EVERY_MS = 5;

const inBackground: CountedLoad = {
  name: 'no-op, background',
  share: 1,
  run: (stack, client, runs) =>
    oneByOne(runs, async () => {
      await createRun(client, NOOP);
      await stack.untilIdle();
    }),
};
const withTokens: CountedLoad = {
  name: `${String(TOKENS_PER_RUN)} tokens, stream`,
  share: 0.03,
  run: (_stack, client, runs) =>
    oneByOne(runs, async () => {
      await streamRun(client, tokens(TOKENS_PER_RUN, TOKEN_EVERY_MS));
    }),
};

/** Those that the guard looks at. */
export const GUARDED_LOADS = [inBackground, withTokens] as const;

export const LOADS: readonly CountedLoad[] = [
  inBackground,
  {
    name: 'no-op, background, 32 at a time',
    share: 4,
    run: async (stack, client, runs) => {
      let left = runs;
      const one = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await createRun(client, NOOP);
        }
      };
      await Promise.all(Array.from({ length: 32 }, one));
      await stack.untilIdle();
    },
  },
  {
    name: 'no-op, background + join',
    share: 1,
    run: (_stack, client, runs) => oneByOne(runs, () => joinedRun(client, NOOP)),
  },
  {
    name: 'no-op, stream',
    share: 1,
    run: (_stack, client, runs) =>
      oneByOne(runs, async () => {
        await streamRun(client, NOOP);
      }),
  },
  {
    name: '10 steps, background',
    share: 0.5,
    run: (stack, client, runs) =>
      oneByOne(runs, async () => {
        await createRun(client, steps(10));
        await stack.untilIdle();
      }),
  },
  withTokens,
];

/**
 * Counts the loads one after the other.
 *
 * @param idleSeconds how long the stack is watched at rest, after a warm-up
 */
export async function countLoads(
  stack: CountedStack,
  loads: readonly CountedLoad[],
  { runs, idleSeconds, note }: { runs: number; idleSeconds: number; note: (sentence: string) => void },
): Promise<{ idle: Counted; costs: RunCosts[] }> {
  const client = new HttpClient(stack.longrun.url);
  try {
    const runsOf = (load: CountedLoad): number => Math.max(2, Math.round(runs * load.share));
    note('warming up');
    for (const load of loads) await load.run(stack, client, Math.max(2, Math.round(runsOf(load) / 5)));
    await stack.untilIdle();
    note(`counting at rest for ${String(idleSeconds)} s`);
    const idle = await stack.count(async () => {
      await sleep(idleSeconds * 1_000);
    });
    const costs: RunCosts[] = [];
    for (const load of loads) {
      note(`counting: ${load.name}`);
      const counted = await stack.count(() => load.run(stack, client, runsOf(load)));
      costs.push(costsOf(load.name, runsOf(load), counted, idle));
    }
    return { idle, costs };
  } finally {
    client.close();
  }
}

function costsOf(load: string, runs: number, counted: Counted, idle: Counted): RunCosts {
  const share = counted.seconds / idle.seconds;
  const less = (value: number, atRest: number): number => (value - atRest * share) / runs;
  return {
    load,
    runs,
    tally: perRun(counted.tally, idle.tally, share, runs),
    redis: new Map([...counted.redis].map(([name, calls]) => [name, less(calls, idle.redis.get(name) ?? 0)])),
    events: counted.events / runs,
    walBytes: less(counted.walBytes, idle.walBytes),
  };
}

async function oneByOne(runs: number, one: () => Promise<void>): Promise<void> {
  for (let index = 0; index < runs; index += 1) await one();
}
