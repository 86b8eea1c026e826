/**
 * Readers that are slower than the run that they read: one that pauses, one that never reads, and many that were cut off without a word.
 */
import { READER_BUFFER_BYTES } from '@longrun/contracts';
import { checkRows, judge, type WatchedRun } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { PeakMemory } from '../harness/peak-memory.js';
import { RawReader } from '../harness/raw-reader.js';
import type { SeenRecord } from '../harness/run-client.js';
import { pause, percentile, type Outcome, type Scenario } from '../scenario.js';

const BURST = { events: 5_000, bytes: 4_000, each: 100, everyMs: 40 };
const PAUSE_MS = 10_000;
/** For a reader: what waits in its buffer, the page that it is being sent, that page as it came from the log, and as frames. */
const BYTES_PER_READER = 4 * READER_BUFFER_BYTES;
/** By which the memory of a process differs from one burst to the next. */
const MARGIN_BYTES = 96 * 1024 * 1024;
/** By which the latency of one burst differs from that of the next. */
const LATENCY_MARGIN_MS = 100;
/** Readers of the burst that the slow ones are compared with. */
const FAST = 20;
/** Runs whose readers are fast, and whose latency is measured. */
const OTHERS = 4;
const OTHER = { events: 100, bytes: 100, each: 1, everyMs: 30 };

export const slowReaders: Scenario = {
  name: 'slow-readers',
  fault:
    'in a burst of 5,000 events a reader pauses for 10 s, one never reads, and 200 are half-open (20 in the short suite)',
  must: 'the one that paused gets everything; the memory of the api is bounded; the latency of other readers stays as it was',
  isShort: true,
  control: { without: 'backpressure', expects: /memory of the api/ },
  run: onStack({ apis: 1, workers: 2 }, run),
};

/** How the readers of a burst behave, besides the one that is checked. */
interface Crowd {
  readonly count: number;
  /** They hang, and the one that is checked pauses. */
  readonly isSlow: boolean;
}

interface Round {
  readonly runs: readonly WatchedRun[];
  readonly p99Ms: number;
  readonly peakBytes: number;
}

async function run(setting: Setting): Promise<Outcome> {
  const { context, stack } = setting;
  const count = (context.size === 'long' ? 200 : FAST) + 1;
  const alone = context.size === 'long' ? await round(setting, { count: 0, isSlow: false }) : undefined;
  // What readers cost that are fast: the memory of a process grows with what passes through it.
  const fast = await round(setting, { count: FAST, isSlow: false });
  const slow = await round(setting, { count, isSlow: true });
  const runs = [...(alone?.runs ?? []), ...fast.runs, ...slow.runs];
  const ids = runs.map(({ runId }) => runId);
  const problems = await judge(stack, runs, 40_000);
  problems.push(...(await checkRows(stack, ids, { status: 'success', attempt: 1, crashes: 0 })));
  const grown = slow.peakBytes - fast.peakBytes;
  const allowed = (count + 1) * BYTES_PER_READER + MARGIN_BYTES;
  if (grown > allowed) {
    problems.push(`the memory of the api grew by ${toMb(grown)} MB, more than ${toMb(allowed)}`);
  }
  if (slow.p99Ms > fast.p99Ms + LATENCY_MARGIN_MS) {
    problems.push(`the latency of other readers: p99 ${String(slow.p99Ms)} ms, ${String(fast.p99Ms)} before`);
  }
  return {
    problems,
    figures: {
      'readers that hang': count,
      'memory MB with 20 fast ones': toMb(fast.peakBytes),
      'grew by MB': toMb(grown),
      'allowed MB': toMb(allowed),
      ...(alone && { 'latency p99 ms of others without them': alone.p99Ms }),
      'latency p99 ms with fast ones': fast.p99Ms,
      'with slow ones': slow.p99Ms,
    },
  };
}

/** A burst with its readers, and what they do to the process and to readers of other runs. */
async function round({ stack, client }: Setting, { count, isSlow }: Crowd): Promise<Round> {
  const { apis } = stack.stack.readStack();
  const memory = new PeakMemory(apis[0]?.pid ?? 0);
  const crowd: RawReader[] = [];
  try {
    const burst = await client.create({ assistant_id: 'burst', input: BURST, stream_mode: ['custom'] });
    for (let index = 0; index < count; index += 1) {
      crowd.push(await RawReader.open(stack.apiUrls[0] ?? '', burst, { hangs: isSlow }));
    }
    let seen = 0;
    const reading = client.follow(burst, () => {
      seen += 1;
      return isSlow && seen === 100 ? pause(PAUSE_MS) : undefined;
    });
    const latencies: number[] = [];
    const others: WatchedRun[] = [];
    for (let index = 0; index < OTHERS; index += 1) {
      const other = await client.create({ assistant_id: 'burst', input: OTHER, stream_mode: ['custom'] });
      const otherReading = client.follow(other, (record) => void latencies.push(latencyOf(record)));
      others.push({ ...other, readings: [{ from: 0, reading: otherReading }] });
    }
    const runs = [{ ...burst, readings: [{ from: 0, reading }] }, ...others];
    await Promise.all(runs.flatMap(({ readings }) => readings.map((one) => one.reading.done)));
    const p99Ms = percentile(latencies.filter(Number.isFinite), 0.99);
    return { runs, p99Ms, peakBytes: memory.stop() };
  } finally {
    memory.stop();
    for (const reader of crowd) reader.close();
  }
}

/** Milliseconds from its emission; NaN for an event that does not tell it. */
function latencyOf({ data, atMs }: SeenRecord): number {
  const { at } = JSON.parse(data) as { at?: number };
  return at === undefined ? NaN : performance.timeOrigin + atMs - at;
}

function toMb(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
