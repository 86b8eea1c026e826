/**
 * The look of a sweeper: one statement when there is nothing to do, and every duty done when there is.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@longrun/database';
import { waitUntil } from '@longrun/testing';
import type pg from 'pg';
import { CronStore } from '../src/crons/cron-store.js';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { InProcessRunQueue } from '../src/run-queue/in-process-run-queue.js';
import { RunStore, type CreateRunInput } from '../src/run-store/index.js';
import { Sweeper, type SweeperOptions } from '../src/sweep/sweeper.js';
import { WebhookSender } from '../src/webhooks/webhook-sender.js';
import { createFixture, GRAPHS, KWARGS, type Fixture } from './fixture.js';

const REST_MS = 60_000;
const LIMITED: Partial<CreateRunInput> = {
  resolve: () => ({ kwargs: KWARGS, threadConfig: {}, metadata: {}, limits: { 'user:a': 1 } }),
};

describe('a look of the sweeper', () => {
  let fixture: Fixture;
  let pool: pg.Pool;
  let sent: string[] = [];
  let woken: string[] = [];
  beforeAll(async () => {
    fixture = await createFixture();
    pool = createPool({ url: fixture.url });
    pool.on('connect', (client) => noteStatements(client, (text) => sent.push(text)));
  });
  afterAll(async () => {
    await pool.end();
    await fixture.close();
  });
  afterEach(() => fixture.pool.query('TRUNCATE cron, run, thread, worker, webhook_delivery CASCADE'));

  /** A sweeper that has cleaned up already. */
  async function settled(options: Partial<SweeperOptions> = {}): Promise<Sweeper> {
    const queue = new InProcessRunQueue();
    woken = [];
    queue.consume(async (runId) => woken.push(runId));
    const sweeper = new Sweeper({
      sweeperId: randomUUID(),
      store: new RunStore(pool),
      queue,
      bus: new InProcessEventBus(),
      webhooks: new WebhookSender({ pool }),
      retention: { itemSweepIntervalMs: REST_MS },
      ...options,
    });
    await sweeper.lookOnce();
    await sweeper.settled();
    sent = [];
    return sweeper;
  }
  async function look(sweeper: Sweeper): Promise<string[]> {
    sent = [];
    await sweeper.lookOnce();
    return sent;
  }
  const change = (sql: string, ...values: unknown[]) => fixture.pool.query(sql, values);
  const cron = (nextRun: string) =>
    new CronStore(fixture.pool)
      .create({
        id: randomUUID(),
        assistantId: fixture.assistantId,
        threadId: null,
        schedule: '* * * * *',
        timezone: null,
        endTime: null,
        enabled: true,
        onRunCompleted: 'keep',
        payload: {},
        metadata: {},
      })
      .then(({ cron_id }) =>
        change(`UPDATE cron SET next_run_date = ${nextRun} WHERE cron_id = $1`, cron_id),
      );

  it('is one statement when there is nothing', async () => {
    expect(await look(await settled())).toEqual(['look']);
  });

  it('is one statement when all there is must wait', async () => {
    const { threadId } = await fixture.create(LIMITED);
    await fixture.create({ threadId });
    await fixture.create({ threadId, ...LIMITED });
    await fixture.create({ afterSeconds: 60 });
    const ended = await fixture.create({ webhook: 'https://example.com' });
    await fixture.store.finish({ ...ended, end: { status: 'interrupted' } });
    await change("UPDATE webhook_delivery SET due_at = now() + interval '1 min'");
    const running = await fixture.create();
    const workerId = randomUUID();
    await change(
      "INSERT INTO worker (worker_id, graph_ids, hostname, pid) VALUES ($1, '{graph}', 'h', 1)",
      workerId,
    );
    await fixture.store.claim(running.runId, workerId, GRAPHS);
    await cron("now() + interval '1 min'");
    expect(await look(await settled())).toEqual(['look']);
  });

  it('is one statement too when the sweeper shows itself, and shows it every time', async () => {
    const sweeperId = randomUUID();
    const sweeper = await settled({ announce: true, sweeperId });
    await change("UPDATE sweeper SET seen_at = now() - interval '1 min'");
    expect(await look(sweeper)).toEqual(['look-and-be-seen']);
    const { rows } = await change(
      "SELECT sweeper_id FROM sweeper WHERE seen_at > now() - interval '5 seconds'",
    );
    expect(rows).toEqual([{ sweeper_id: sweeperId }]);
    await sweeper.stop();
  });

  it('leaves what the connection writes later as durable as before', async () => {
    const sweeper = await settled({ announce: true });
    await Promise.all(Array.from({ length: 3 }, () => sweeper.lookOnce()));
    const { rows } = await pool.query<{ synchronous_commit: string }>('SHOW synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    await sweeper.stop();
  });

  it('dispatches a run that nobody fetched', async () => {
    const sweeper = await settled();
    const { runId } = await fixture.create();
    await look(sweeper);
    expect(woken).toEqual([]);
    await change("UPDATE run SET dispatched_at = now() - interval '1 min'");
    await look(sweeper);
    expect(woken).toEqual([runId]);
  });

  it('dispatches a run whose limit has room', async () => {
    const sweeper = await settled();
    const { runId } = await fixture.create(LIMITED);
    await change('UPDATE run SET dispatched_at = NULL');
    await look(sweeper);
    expect(woken).toEqual([runId]);
  });

  it('delivers a webhook that is due', async () => {
    const sweeper = await settled();
    const ended = await fixture.create({ webhook: '/hook' });
    await fixture.store.finish({ ...ended, end: { status: 'interrupted' } });
    await look(sweeper);
    await sweeper.stop();
    const { rows } = await change('SELECT attempts FROM webhook_delivery');
    expect(rows).toEqual([{ attempts: 1 }]);
  });

  it('fires a cron that is due', async () => {
    const sweeper = await settled();
    await cron("now() - interval '1 s'");
    await look(sweeper);
    await sweeper.stop();
    const { rows } = await change('SELECT count(*)::int AS runs FROM run');
    expect(rows).toEqual([{ runs: 1 }]);
  });

  it('rescues the run of a worker that is gone, and does every other duty after it', async () => {
    const sweeper = await settled({ liveness: { lockFreeVerdictMs: 1 } });
    const { runId } = await fixture.create();
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
    const seen: string[] = [];
    await waitUntil(
      async () => {
        seen.splice(0, Infinity, ...(await look(sweeper)));
        return woken.length > 0;
      },
      { message: 'the rescue' },
    );
    expect(woken).toEqual([runId]);
    expect(
      seen.filter((text) => /^due-crons$|AS may_wait|WITH used|webhook_delivery/.test(text.trim())),
    ).toHaveLength(4);
  });
});

/** Tells the name, or else the text, of every statement that is sent. */
function noteStatements(client: pg.PoolClient, note: (text: string) => void): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const noting = (...args: unknown[]): unknown => {
    const [statement] = args as [string | { name?: string; text: string }];
    note(typeof statement === 'string' ? statement : (statement.name ?? statement.text));
    return query(...args);
  };
  client.query = noting as typeof client.query;
}
