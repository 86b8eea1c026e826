/**
 * Sweepers as processes: one dies while it fires crons, others take over.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@longrun/database';
import { CronStore } from '@longrun/runs';
import { createTestDatabase } from '@longrun/test-stack';
import { waitUntil, type TestDatabase } from '@longrun/testing';
import type pg from 'pg';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const CRONS = 20;

describe('a sweeper that is killed while it fires crons', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const sweepers: ChildProcess[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool({ url: database.url });
  });
  afterAll(async () => {
    for (const sweeper of sweepers) if (sweeper.kill('SIGKILL')) await once(sweeper, 'exit');
    await pool.end();
    await database.drop();
  });

  const start = (): ChildProcess => {
    const sweeper = spawn(process.execPath, [MAIN], {
      env: { ...process.env, DATABASE_URL: database.url, REDIS_URL: '', HOST: '127.0.0.1', HEALTH_PORT: '0' },
      stdio: 'ignore',
    });
    sweepers.push(sweeper);
    return sweeper;
  };
  const count = async (sql: string, values: unknown[] = []) =>
    (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values)).rows[0]?.n ?? 0;

  it('leaves no tick without a run and none with two', async () => {
    const assistantId = randomUUID();
    const threadId = randomUUID();
    await pool.query("INSERT INTO assistant (assistant_id, graph_id, name) VALUES ($1, 'graph', 'graph')", [
      assistantId,
    ]);
    await pool.query('INSERT INTO thread (thread_id) VALUES ($1)', [threadId]);
    const crons = new CronStore(pool);
    for (let i = 0; i < CRONS; i += 1) {
      await crons.create({
        id: randomUUID(),
        assistantId,
        // The tenth waits for a thread that the test holds.
        threadId: i === 10 ? threadId : null,
        schedule: '0 0 1 1 *',
        timezone: null,
        endTime: null,
        enabled: true,
        onRunCompleted: 'keep',
        payload: {},
        metadata: { i },
      });
    }
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM thread WHERE thread_id = $1 FOR UPDATE', [threadId]);
    await pool.query(
      "UPDATE cron SET next_run_date = timestamptz '2026-01-01T00:00:00Z' + (metadata ->> 'i')::int * interval '1 s'",
    );

    const doomed = start();
    await waitUntil(
      async () =>
        (await count(
          "pg_stat_activity WHERE application_name = 'longrun-sweeper' AND wait_event_type = 'Lock'",
        )) > 0,
      { message: 'the sweeper to be in the middle of a tick' },
    );
    expect(await count('run')).toBe(10);
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    await holder.query('ROLLBACK');
    holder.release();
    expect(await count('cron WHERE next_run_date <= now()')).toBe(10);

    start();
    start();
    await waitUntil(async () => (await count('cron WHERE next_run_date <= now()')) === 0, {
      message: 'the other sweepers to fire the rest',
    });
    const { rows } = await pool.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM run GROUP BY metadata ->> 'cron_id'",
    );
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: CRONS }, () => 1));
    expect(await count('cron WHERE last_error IS NOT NULL OR NOT enabled')).toBe(0);
  }, 60_000);
});
