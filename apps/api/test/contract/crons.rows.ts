/**
 * The contract of crons.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Cron } from 'langgraph-sdk-1.15';
import { row, type ContractRow } from './contract-row.js';
import { CRON } from './resource-shapes.js';
import { expectShape, integer, listOf } from './shape.js';

const YEARLY = '0 0 1 1 *';

/** The SDK types the answer of a creation as a run. */
async function made(creation: Promise<unknown>): Promise<Cron> {
  return expectShape((await creation) as Cron, CRON);
}

export const CRONS: readonly ContractRow[] = [
  row('POST /runs/crons', 'crons.create', async ({ client }) => {
    const metadata = { mark: randomUUID() };
    const cron = await made(client.crons.create('steps', { schedule: YEARLY, input: { a: 1 }, metadata }));
    expect(cron).toMatchObject({
      schedule: YEARLY,
      thread_id: null,
      payload: { input: { a: 1 } },
      enabled: true,
    });
    expect(Date.parse(cron.next_run_date ?? '')).toBeGreaterThan(Date.now());
  }),
  row('POST /threads/{thread_id}/runs/crons', 'crons.createForThread', async ({ client }) => {
    const { thread_id } = await client.threads.create();
    const cron = await made(client.crons.createForThread(thread_id, 'steps', { schedule: YEARLY }));
    expect(cron.thread_id).toBe(thread_id);
  }),
  row('PATCH /runs/crons/{cron_id}', 'crons.update', async ({ client }) => {
    const cron = await made(client.crons.create('steps', { schedule: YEARLY }));
    const changed = await made(client.crons.update(cron.cron_id, { schedule: '5 * * * *', enabled: false }));
    expect(changed).toMatchObject({ schedule: '5 * * * *', enabled: false, next_run_date: null });
  }),
  row('DELETE /runs/crons/{cron_id}', 'crons.delete', async ({ client }) => {
    const { thread_id } = await client.threads.create();
    const cron = await made(client.crons.createForThread(thread_id, 'steps', { schedule: YEARLY }));
    await client.crons.delete(cron.cron_id);
    expect(await client.crons.search({ threadId: thread_id })).toEqual([]);
  }),
  row('POST /runs/crons/search', 'crons.search', async ({ client }) => {
    const { thread_id } = await client.threads.create();
    const cron = await made(client.crons.createForThread(thread_id, 'steps', { schedule: YEARLY }));
    const search = { threadId: thread_id, assistantId: cron.assistant_id, limit: 1 };
    const found = expectShape(await client.crons.search(search), listOf(CRON));
    expect(found.map(({ cron_id }) => cron_id)).toEqual([cron.cron_id]);
    const select = ['cron_id', 'schedule'] as never;
    expect(await client.crons.search({ ...search, select })).toEqual([
      { cron_id: cron.cron_id, schedule: YEARLY },
    ]);
  }),
  row('POST /runs/crons/count', 'crons.count', async ({ client }) => {
    const { thread_id } = await client.threads.create();
    await client.crons.createForThread(thread_id, 'steps', { schedule: YEARLY });
    expect(expectShape(await client.crons.count({ threadId: thread_id }), integer)).toBe(1);
  }),
];
