/**
 * 100,000 threads: every search has an index to go by. The plans are compared, not times; `docs/threads.md` shows them.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@longrun/test-stack';
import type { TestDatabase } from '@longrun/testing';
import pg from 'pg';
import { wantedPage } from '../src/http/pagination.js';
import { ThreadSearchService } from '../src/threads/thread-search.service.js';
import { ThreadFilterDto, ThreadSearchDto } from '../src/threads/thread.dto.js';

const THREADS = 100_000;

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  // The database may be dropped while connections are still closing.
  pool.on('error', () => undefined);
  await pool.query(
    `INSERT INTO thread (thread_id, status, metadata, values, created_at, updated_at, state_updated_at)
     SELECT gen_random_uuid(), (CASE WHEN n % 100 = 0 THEN 'busy' WHEN n % 10 = 0 THEN 'interrupted' ELSE 'idle' END)::thread_status,
       jsonb_build_object('user', 'u' || n % 5000, 'graph_id', 'agent'), jsonb_build_object('topic', 't' || n % 20000, 'count', n, 'text', repeat('x', 600)),
       at, at, at
     FROM (SELECT n, now() - n * interval '1 second' AS at FROM generate_series(1, $1::int) AS n) AS made`,
    [THREADS],
  );
  await pool.query('VACUUM ANALYZE thread');
}, 120_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** What the service asks, with the plan of each statement. */
async function plansOf(ask: (service: ThreadSearchService) => Promise<unknown>): Promise<string[]> {
  const asked: [string, unknown[]][] = [];
  const recording = {
    query: (text: string, values: unknown[]) => {
      asked.push([text, values]);
      return pool.query(text, values);
    },
  };
  await ask(new ThreadSearchService(recording as unknown as pg.Pool));
  return Promise.all(
    asked.map(async ([text, values]) => {
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    }),
  );
}

const search = (by: Partial<ThreadSearchDto>): Promise<string[]> =>
  plansOf((service) =>
    service.search(Object.assign(new ThreadSearchDto(), by), null, wantedPage(by, undefined)),
  );

/** Every order of the search with the index that has it, and the same for threads of one status. */
const ORDERS = (
  [
    ['updated_at', 'thread_by_updated', 'thread_by_status_updated'],
    ['created_at', 'thread_by_created', 'thread_by_status_created'],
    ['state_updated_at', 'thread_by_state_updated', 'thread_by_status_state_updated'],
    ['status', 'thread_by_status', 'thread_by_status'],
    ['thread_id', 'thread_visible', 'thread_by_status'],
  ] as const
).flatMap(([sort_by, ofAll, ofStatus]) =>
  (['asc', 'desc'] as const).flatMap((sort_order): [Partial<ThreadSearchDto>, string][] => [
    [{ sort_by, sort_order }, ofAll],
    [{ sort_by, sort_order, status: 'idle' }, ofStatus],
    [{ sort_by, sort_order, status: 'busy' }, ofStatus],
    [{ sort_by, sort_order, status: 'error' }, ofStatus],
  ]),
);

describe('a search among 100,000 threads', () => {
  it.each(ORDERS)(
    'in the order of %j reads %s from its end, and rows for the page alone',
    async (by, index) => {
      const plans = await search(by);
      expect(plans).toHaveLength(1);
      // Below the limit nothing is sorted and nothing else is read; above it are the rows of the page.
      const page = plans[0]?.split('Limit')[1]?.split('\n')[1];
      expect(page).toMatch(new RegExp(`Index Only Scan (Backward )?using ${index} `));
    },
  );

  it.each<[string, Partial<ThreadSearchDto>, string]>([
    ['with metadata of many', { metadata: { graph_id: 'agent' } }, 'thread_by_updated'],
    ['with metadata of few', { metadata: { user: 'u17' } }, 'thread_metadata_idx'],
    ['with values', { values: { topic: 't17' } }, 'thread_values_idx'],
  ])('%s goes by an index: %j', async (_what, by, index) => {
    const [page] = await search(by);
    expect(page).toContain(index);
    expect(page).not.toContain('Seq Scan');
  });

  it('with ids goes by the key', async () => {
    const { rows } = await pool.query<{ thread_id: string }>('SELECT thread_id FROM thread LIMIT 3');
    const [page] = await search({ ids: rows.map((row) => row.thread_id) });
    expect(page).toMatch(/Index Scan (on|using) thread_(pkey|visible)/);
  });

  it('counts what a filter finds by the same index', async () => {
    const [plan] = await plansOf((service) =>
      service.count(Object.assign(new ThreadFilterDto(), { metadata: { user: 'u17' } }), null),
    );
    expect(plan).toContain('thread_metadata_idx');
  });

  it('counts all of them without reading their rows', async () => {
    const [plan] = await plansOf((service) => service.count(new ThreadFilterDto(), null));
    expect(plan).toContain('Index Only Scan using thread_visible');
  });

  it('finds what there is', async () => {
    const service = new ThreadSearchService(pool);
    const dto = Object.assign(new ThreadSearchDto(), { metadata: { user: 'u17' }, select: ['metadata'] });
    const found = await service.search(dto, null, { limit: 15, offset: 0, countsAll: true });
    expect([found.total, found.next, found.items.length]).toEqual([20, 15, 15]);
    expect(await service.count(new ThreadFilterDto(), null)).toBe(THREADS);
  });
});
