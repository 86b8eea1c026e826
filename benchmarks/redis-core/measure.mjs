// What the benchmarks share: closed-loop load, interleaved rounds, medians, a table.
import { cpus } from 'node:os';

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

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Every contender once per round, in turns, so that what else the machine does falls on all of them; the first round only
 * warms up. Answers the medians by contender.
 */
export async function interleave(contenders, rounds, run) {
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    // Another one begins in each round: what a contender leaves behind, garbage above all, falls on the next.
    const shift = round % contenders.length;
    for (const contender of [...contenders.slice(shift), ...contenders.slice(0, shift)]) {
      const sample = await run(contender);
      if (round > 0) samples.get(contender.name).push(sample);
    }
  }
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
