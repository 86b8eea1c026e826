/**
 * Metrics of what a process sees of Postgres: its pool, and the queue, of which Postgres has the record.
 */
import { Gauge, type Registry } from 'prom-client';

/** The counts of a `pg.Pool`. */
interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Runs of one priority that could be claimed now. */
export interface QueueDepth {
  priority: number;
  runs: number;
  /** Since the oldest of them was due. */
  oldestSeconds: number;
}

/** Scrapes within this time share one look: several Prometheus servers, or a person beside them. */
const SAME_LOOK_MS = 5_000;
/** A scrape must not fail for a Postgres that does not answer: it is what tells of that. Far below the 10 s that Prometheus waits. */
const ANSWER_MS = 2_000;

export function registerPoolMetrics(registry: Registry, pool: PoolCounts): void {
  const registers = [registry];
  new Gauge({
    name: 'longrun_postgres_pool_connections',
    help: 'Connections of the pool to Postgres by state: busy or idle.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
    },
  });
  new Gauge({
    name: 'longrun_postgres_pool_waiting',
    help: 'Queries that wait for a connection of the pool.',
    registers,
    collect() {
      this.set(pool.waitingCount);
    },
  });
}

/**
 * Every process that has them tells the same: take the largest. While Postgres is away there is no value.
 *
 * @param read asks Postgres; may reject, or not answer
 * @param answerMs how long a scrape waits for it, milliseconds. Default 2,000
 */
export function registerQueueMetrics(
  registry: Registry,
  read: () => Promise<QueueDepth[]>,
  answerMs = ANSWER_MS,
): void {
  const registers = [registry];
  let lookedAt = -Infinity;
  let last: Promise<QueueDepth[]> = Promise.resolve([]);
  const look = (): Promise<QueueDepth[]> => {
    if (performance.now() - lookedAt >= SAME_LOOK_MS) {
      lookedAt = performance.now();
      last = answerWithin(read(), answerMs);
      last.catch(() => (lookedAt = -Infinity));
    }
    return last;
  };
  const gauge = (name: string, help: string, valueOf: (depth: QueueDepth) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['priority'],
      registers,
      async collect() {
        const depths = await look().catch(() => null);
        this.reset();
        if (depths?.length === 0) this.set({ priority: '0' }, 0);
        for (const depth of depths ?? []) this.set({ priority: String(depth.priority) }, valueOf(depth));
      },
    });
  };
  gauge('longrun_queue_runs', 'Runs that wait for a worker, by priority.', ({ runs }) => runs);
  gauge(
    'longrun_queue_oldest_seconds',
    'Since the oldest run that waits for a worker was due, by priority.',
    ({ oldestSeconds }) => oldestSeconds,
  );
}

/** @throws Error when there is no answer in time */
async function answerWithin<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
  });
  // One that comes too late is nobody's any more.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
