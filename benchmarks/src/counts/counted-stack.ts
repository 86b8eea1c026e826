/**
 * A stack behind the counting proxy, with a connection of our own that is not counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@longrun/testing';
import pg from 'pg';
import { startLongrun, type Longrun } from '../contenders/longrun.js';
import { nowMs } from '../harness/clock.js';
import { startDurablePostgres, type DurablePostgres } from '../harness/durable-postgres.js';
import { startCountingProxy, type CountingProxy } from './counting-proxy.js';
import { commandsBetween, readCommands, readConnections, type CommandCounts } from './redis-commands.js';
import { TallyCounter, type Tally } from './tally.js';

/** What was counted while something went on. */
export interface Counted {
  readonly seconds: number;
  readonly tally: Tally;
  readonly redis: CommandCounts;
  /** Rows that were added to the log. */
  readonly events: number;
  readonly walBytes: number;
}

/** Time for what goes on behind the end of a run: the queue hears of it, connections are given back. */
const SETTLE_MS = 300;

export class CountedStack {
  private constructor(
    readonly longrun: Longrun,
    private readonly postgres: DurablePostgres,
    private readonly proxy: CountingProxy,
    private readonly counter: TallyCounter,
    private readonly pool: pg.Pool,
  ) {}

  /** As for all benchmarks: one api, two workers, one sweeper, a durable Postgres. */
  static async start(): Promise<CountedStack> {
    const postgres = await startDurablePostgres();
    const counter = new TallyCounter();
    const proxy = await startCountingProxy(postgres.url, (transaction) => {
      counter.add(transaction);
    });
    const pool = new pg.Pool({ connectionString: postgres.url, max: 1, application_name: 'bench' });
    pool.on('error', () => undefined);
    try {
      const longrun = await startLongrun({ databaseUrl: proxy.url, postgresPid: postgres.pid });
      return new CountedStack(longrun, postgres, proxy, counter, pool);
    } catch (error) {
      await pool.end();
      await proxy.close();
      await postgres.stop();
      throw error;
    }
  }

  /** Counts what the stack does from now until `work` is through. */
  async count(work: () => Promise<void>): Promise<Counted> {
    const before = await this.#read();
    this.counter.take();
    const startedAt = nowMs();
    await work();
    await sleep(SETTLE_MS);
    const seconds = (nowMs() - startedAt) / 1_000;
    const tally = this.counter.take();
    const after = await this.#read();
    return {
      seconds,
      tally,
      redis: commandsBetween(before.redis, after.redis),
      events: after.events - before.events,
      walBytes: after.walBytes - before.walBytes,
    };
  }

  /** Resolves when no run is pending or running. */
  async untilIdle(): Promise<void> {
    await waitUntil(
      async () => {
        const { rowCount } = await this.pool.query(
          "SELECT 1 FROM run WHERE status IN ('pending', 'running') LIMIT 1",
        );
        return rowCount === 0;
      },
      { intervalMs: 2, timeoutMs: 60_000, message: 'all runs to end' },
    );
  }

  /** Connections to Postgres and to Redis by their owner. */
  async connections(): Promise<{ postgres: Map<string, number>; redis: Map<string, number> }> {
    const { rows } = await this.pool.query<{ name: string; count: number }>(
      `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND application_name <> 'bench' GROUP BY 1`,
    );
    return {
      postgres: new Map(rows.map(({ name, count }) => [name, count])),
      redis: await readConnections(this.#redisUrl),
    };
  }

  async stop(): Promise<void> {
    await this.longrun.stop();
    await this.pool.end();
    await this.proxy.close();
    await this.postgres.stop();
  }

  get #redisUrl(): string {
    const { redis } = this.longrun.stack.info;
    if (!redis) throw new Error('The stack has started without Redis: there is nothing to count.');
    return redis.url;
  }

  async #read(): Promise<{ redis: CommandCounts; events: number; walBytes: number }> {
    const { rows } = await this.pool.query<{ events: string; wal: string }>(
      `SELECT (SELECT count(*) FROM run_event) AS events, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal`,
    );
    const [row] = rows;
    return {
      redis: await readCommands(this.#redisUrl),
      events: Number(row?.events),
      walBytes: Number(row?.wal),
    };
  }
}
