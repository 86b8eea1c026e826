// What the benchmarks share: closed-loop load, interleaved rounds, medians, a table.
import { cpus } from 'node:os';

import { inTurns } from '../dist/harness/in-turns.js';
import { median } from '../dist/harness/statistics.js';

export { median };

/** Runs `operation` `total` times, `concurrency` at a time; operations per second and client CPU in µs per operation. */
export async function closedLoop(operation, total, concurrency) {
  let next = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < total) {
        const i = next;
        next += 1;
        await operation(i);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: total / seconds, cpuMicros: (user + system) / total };
}

/** Every contender once per round, in turns; the first round only warms up. Answers the medians by contender. */
export async function interleave(contenders, rounds, run) {
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  await inTurns(contenders, rounds + 1, async (contender, round) => {
    const sample = await run(contender);
    if (round > 0) samples.get(contender.name).push(sample);
  });
  return new Map(
    [...samples].map(([name, values]) => [
      name,
      {
        rate: median(values.map(({ rate }) => rate)),
        cpuMicros: median(values.map(({ cpuMicros }) => cpuMicros)),
      },
    ]),
  );
}

/** A Markdown table. */
export function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

export function machine() {
  return `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`;
}
