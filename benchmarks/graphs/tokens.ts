/**
 * Says `count` tokens, one every `everyMs` or all at once when that is 0. Each tells when it was said, by the clock that all
 * processes of a machine share. With a `gate` it waits until that file exists: readers can gather before.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Annotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({
  count: Annotation<number>(),
  everyMs: Annotation<number>(),
  gate: Annotation<string | null>(),
});

const GATE_LOOK_MS = 5;

/** Monotonic milliseconds, the same in every process. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export const tokens = new StateGraph(State)
  .addNode('say', async ({ count, everyMs, gate }, config: LangGraphRunnableConfig) => {
    while (gate && !existsSync(gate)) await sleep(GATE_LOOK_MS);
    const startedAt = now();
    for (let token = 0; token < count; token += 1) {
      // By the schedule, not by the pause: what a token costs does not delay the next one.
      const waitMs = everyMs === 0 ? 0 : startedAt + token * everyMs - now();
      if (waitMs > 0) await sleep(waitMs);
      config.writer?.({ token, at: now() });
    }
    return {};
  })
  .addEdge(START, 'say')
  .compile();
