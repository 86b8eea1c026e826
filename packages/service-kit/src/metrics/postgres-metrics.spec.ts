import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { registerQueueMetrics, type QueueDepth } from './postgres-metrics.js';

const RUNS = 'longrun_queue_runs';
const NEVER = new Promise<QueueDepth[]>(() => undefined);

/** Lines of the two metrics, without what describes them. */
async function scrape(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('longrun_queue'));
}

describe('the metrics of the queue', () => {
  it('are by priority, and those of a scrape are of one look', async () => {
    let looks = 0;
    const registry = new Registry();
    registerQueueMetrics(registry, async () => {
      looks += 1;
      return [
        { priority: 0, runs: 3, oldestSeconds: 1.5 },
        { priority: 5, runs: 1, oldestSeconds: 0.25 },
      ];
    });
    expect(await scrape(registry)).toEqual([
      `${RUNS}{priority="0"} 3`,
      `${RUNS}{priority="5"} 1`,
      'longrun_queue_oldest_seconds{priority="0"} 1.5',
      'longrun_queue_oldest_seconds{priority="5"} 0.25',
    ]);
    await scrape(registry);
    expect(looks).toBe(1);
  });

  it('are 0 when nothing waits', async () => {
    const registry = new Registry();
    registerQueueMetrics(registry, async () => []);
    expect(await scrape(registry)).toContain(`${RUNS}{priority="0"} 0`);
  });

  it.each([
    ['has no answer', () => NEVER],
    ['refuses', () => Promise.reject(new Error('away'))],
  ])(
    'have no value while Postgres %s, which keeps no scrape, and are asked for anew',
    async (_what, away) => {
      const registry = new Registry();
      let isAway = true;
      const depth = { priority: 0, runs: 7, oldestSeconds: 1 };
      registerQueueMetrics(registry, () => (isAway ? away() : Promise.resolve([depth])), 10);
      expect(await scrape(registry)).toEqual([]);
      isAway = false;
      expect(await scrape(registry)).toContain(`${RUNS}{priority="0"} 7`);
    },
  );
});
