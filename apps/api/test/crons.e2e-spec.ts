import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client, Cron } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import supertest from 'supertest';
import { apiUrl, query, startStack } from './support.js';

/** The SDK's type lacks what is not of the platform. */
type FullCron = Cron & { last_error: unknown };

describe('crons', () => {
  let stack: TestStack;
  let client: Client;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 1, sweepers: 2 });
    const name = 'langgraph-sdk-1.15';
    const sdk = (await import(name)) as { Client: new (config: object) => Client };
    client = new sdk.Client({ apiUrl: apiUrl(stack), apiKey: null });
  }, 120_000);
  afterAll(() => stack.stop());

  const request = () => supertest(apiUrl(stack));
  // The SDK types the answer of a creation as a run.
  const create = async (payload: object) =>
    (await client.crons.create('steps', payload as never)) as unknown as FullCron;
  const newThread = async () => (await client.threads.create()).thread_id;
  const find = async (cronId: string) =>
    (await client.crons.search({ limit: 100 })).find((cron) => cron.cron_id === cronId) as
      FullCron | undefined;
  /** Lets the cron come due now. */
  const comeDue = (cronId: string) =>
    query(stack, "UPDATE cron SET next_run_date = date_trunc('minute', now()) WHERE cron_id = $1", [cronId]);
  const runOf = (cronId: string) =>
    waitUntil(
      async () => {
        const [run] = await query<{ run_id: string; thread_id: string }>(
          stack,
          "SELECT run_id, thread_id FROM run WHERE metadata ->> 'cron_id' = $1",
          [cronId],
        );
        return run;
      },
      { message: 'the run of the cron' },
    );

  it('are created, found, counted, changed and deleted through the SDK', async () => {
    const metadata = { suite: randomUUID() };
    const threadId = await newThread();
    const cron = await create({
      schedule: '30 2 * * *',
      timezone: 'America/New_York',
      endTime: '2100-01-01T00:00:00Z',
      input: { log: ['x'] },
      config: { tags: ['t'] },
      metadata,
      streamMode: ['updates'],
    });
    const assistant = await client.assistants.get('steps');
    expect(cron).toMatchObject({
      cron_id: expect.any(String),
      assistant_id: assistant.assistant_id,
      thread_id: null,
      on_run_completed: 'delete',
      schedule: '30 2 * * *',
      timezone: 'America/New_York',
      end_time: '2100-01-01T00:00:00.000Z',
      payload: { input: { log: ['x'] }, config: { tags: ['t'] }, stream_mode: ['updates'] },
      metadata,
      enabled: true,
      user_id: null,
      last_error: null,
    });
    expect(new Date(cron.next_run_date ?? '').getUTCMinutes()).toBe(30);
    const ofThread = (await client.crons.createForThread(threadId, 'steps', {
      schedule: '0 0 1 1 *',
      metadata,
      multitaskStrategy: 'reject',
      enabled: false,
    })) as unknown as FullCron;
    expect(ofThread).toMatchObject({
      thread_id: threadId,
      on_run_completed: 'keep',
      payload: { multitask_strategy: 'reject' },
      enabled: false,
      next_run_date: null,
    });

    const ids = async (options: object) =>
      (await client.crons.search({ metadata, ...options })).map((found) => found.cron_id);
    expect(await ids({})).toEqual([ofThread.cron_id, cron.cron_id]);
    expect(await ids({ sortBy: 'created_at', sortOrder: 'asc', limit: 1 })).toEqual([cron.cron_id]);
    expect(await ids({ sortBy: 'next_run_date', offset: 1 })).toEqual([ofThread.cron_id]);
    expect(await ids({ threadId })).toEqual([ofThread.cron_id]);
    expect(await ids({ enabled: true })).toEqual([cron.cron_id]);
    expect(await ids({ assistantId: assistant.assistant_id })).toHaveLength(2);
    expect(await ids({ assistantId: randomUUID() })).toEqual([]);
    expect(
      await client.crons.search({ metadata, threadId, select: ['cron_id', 'enabled'] } as never),
    ).toEqual([{ cron_id: ofThread.cron_id, enabled: false }]);
    expect([
      await client.crons.count({ metadata }),
      await client.crons.count({ threadId }),
      await client.crons.count({ assistantId: randomUUID() }),
    ]).toEqual([2, 1, 0]);

    const changed = (await client.crons.update(cron.cron_id, {
      schedule: '0 12 * * *',
      timezone: 'UTC',
      endTime: null,
      input: { log: ['y'] },
      metadata: { more: 1 },
      onRunCompleted: 'keep',
    })) as unknown as FullCron;
    expect(changed).toMatchObject({
      schedule: '0 12 * * *',
      timezone: 'UTC',
      end_time: null,
      payload: { input: { log: ['y'] }, config: { tags: ['t'] } },
      metadata: { ...metadata, more: 1 },
      on_run_completed: 'keep',
    });
    expect(changed.next_run_date).toMatch(/T12:00:00\.000Z$/);
    expect(Date.parse(changed.updated_at)).toBeGreaterThan(Date.parse(cron.updated_at));

    await client.crons.delete(cron.cron_id);
    expect(await ids({})).toEqual([ofThread.cron_id]);
    await expect(client.crons.delete(cron.cron_id)).rejects.toThrow(/404.*not found/);
    await client.crons.delete(ofThread.cron_id);
  });

  it('run on a thread of their own, which stays if it is to', async () => {
    const cron = await create({
      schedule: '* * * * *',
      input: { log: ['of the cron'] },
      metadata: { job: 'nightly' },
      onRunCompleted: 'keep',
    });
    await comeDue(cron.cron_id);
    const { run_id, thread_id } = await runOf(cron.cron_id);
    const result = await client.runs.join(thread_id, run_id);
    expect(result).toMatchObject({ log: expect.arrayContaining(['of the cron', 'step7']) });
    expect(await client.runs.get(thread_id, run_id)).toMatchObject({
      status: 'success',
      metadata: { job: 'nightly', cron_id: cron.cron_id },
    });
    expect(Date.parse((await find(cron.cron_id))?.next_run_date ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await client.crons.delete(cron.cron_id);
    expect(await client.threads.get(thread_id)).toMatchObject({
      status: 'idle',
      metadata: { graph_id: 'steps' },
    });
  });

  it('run on a thread that goes with the run', async () => {
    const cron = await create({ schedule: '* * * * *', input: {} });
    await comeDue(cron.cron_id);
    const { run_id, thread_id } = await runOf(cron.cron_id);
    await client.crons.delete(cron.cron_id);
    await client.runs.join(thread_id, run_id).catch(() => undefined);
    await waitUntil(
      async () =>
        client.threads.get(thread_id).then(
          () => false,
          () => true,
        ),
      {
        message: 'the thread to go',
      },
    );
  });

  it('run on the thread that they were made for', async () => {
    const threadId = await newThread();
    await client.runs.wait(threadId, 'steps', { input: { log: ['before'] } });
    const cron = (await client.crons.createForThread(threadId, 'steps', {
      schedule: '* * * * *',
      input: { log: ['of the cron'] },
    })) as unknown as FullCron;
    await comeDue(cron.cron_id);
    const { run_id, thread_id } = await runOf(cron.cron_id);
    await client.crons.delete(cron.cron_id);
    expect(thread_id).toBe(threadId);
    expect(await client.runs.join(threadId, run_id)).toMatchObject({
      log: expect.arrayContaining(['before', 'of the cron']),
    });
  });

  it('of a thread that was deleted are disabled, and say why', async () => {
    const threadId = await newThread();
    const cron = (await client.crons.createForThread(threadId, 'steps', {
      schedule: '* * * * *',
    })) as unknown as FullCron;
    await client.threads.delete(threadId);
    await comeDue(cron.cron_id);
    const disabled = await waitUntil(
      async () => {
        const found = await find(cron.cron_id);
        return found?.enabled === false ? found : undefined;
      },
      { message: 'the cron to be disabled' },
    );
    expect(disabled).toMatchObject({ next_run_date: null, last_error: { error: 'THREAD_NOT_FOUND' } });
    await client.crons.delete(cron.cron_id);
  });

  it('answer with the codes of the platform', async () => {
    const cron = await create({ schedule: '0 0 1 1 *' });
    const path = `/runs/crons/${cron.cron_id}`;
    const empty = await request().patch(path).send({});
    expect([empty.status, (empty.body as { code: string }).code]).toEqual([400, 'NOTHING_TO_UPDATE']);
    const unknown = await request().patch(`/runs/crons/${randomUUID()}`).send({ enabled: false });
    expect([unknown.status, (unknown.body as { code: string }).code]).toEqual([404, 'CRON_NOT_FOUND']);
    const found = await request()
      .post('/runs/crons/search')
      .send({ limit: 1, surprise: 1, select: ['now'] });
    expect([
      found.status,
      found.headers['x-pagination-total'],
      found.headers['x-longrun-ignored-fields'],
    ]).toEqual([200, '1', 'surprise']);
    expect(found.body).toEqual([{ now: expect.any(String) }]);
    const count = await request().post('/runs/crons/count').send({});
    expect([count.status, count.text, count.headers['content-type']]).toEqual([
      200,
      '1',
      expect.stringContaining('application/json'),
    ]);
    const local = await request().patch(path).send({ end_time: '2100-06-01T12:00:00' });
    expect((local.body as Cron).end_time).toBe('2100-06-01T12:00:00.000Z');
    const info = await request().get('/info');
    expect((info.body as { flags: object }).flags).toMatchObject({ crons: true });
    const gone = await request().delete(path);
    expect([gone.status, gone.text]).toEqual([204, '']);
  });

  const CRON = { assistant_id: 'steps', schedule: '0 0 1 1 *' };
  it.each<[string, object, number, RegExp]>([
    ['no schedule', { assistant_id: 'steps' }, 422, /schedule: /],
    [
      'a schedule of six fields',
      { ...CRON, schedule: '0 0 0 1 1 *' },
      422,
      /schedule: must have five fields .*, not 6/,
    ],
    [
      'a schedule of nonsense',
      { ...CRON, schedule: '99 * * * *' },
      422,
      /schedule: .* is no cron expression/,
    ],
    ['a schedule that never comes', { ...CRON, schedule: '0 0 31 2 *' }, 422, /schedule: /],
    ['an unknown time zone', { ...CRON, timezone: 'Mars/Crater' }, 422, /timezone: "Mars\/Crater"/],
    ['an end that is no time', { ...CRON, end_time: 'soon' }, 422, /end_time: /],
    ['an unknown end of threads', { ...CRON, on_run_completed: 'burn' }, 422, /on_run_completed: /],
    ['enabled in words', { ...CRON, enabled: 'yes' }, 422, /enabled: /],
    ['an unknown strategy', { ...CRON, multitask_strategy: 'hope' }, 422, /multitask_strategy: /],
    ['a config that is a list', { ...CRON, config: [] }, 422, /config: /],
    ['an unknown assistant', { ...CRON, assistant_id: 'nobody' }, 404, /assistant_id: No assistant found/],
  ])('with %s are refused by name, and nothing is written', async (_name, body, status, message) => {
    const threadId = await newThread();
    for (const path of ['/runs/crons', `/threads/${threadId}/runs/crons`]) {
      const response = await request().post(path).send(body);
      expect([response.status, (response.body as { detail: string }).detail]).toEqual([
        status,
        expect.stringMatching(message),
      ]);
    }
    expect(await client.crons.count()).toBe(0);
  });

  it('are refused on a thread that is not there, and with a wish that a thread cannot have', async () => {
    const missing = await request().post(`/threads/${randomUUID()}/runs/crons`).send(CRON);
    expect(missing.status).toBe(404);
    const path = `/threads/${await newThread()}/runs/crons`;
    const wish = await request()
      .post(path)
      .send({ ...CRON, on_run_completed: 'delete' });
    expect([wish.status, (wish.body as { detail: string }).detail]).toEqual([
      422,
      expect.stringMatching(/on_run_completed: delete is for crons without a thread/),
    ]);
    const { body } = await request().post(path).send(CRON);
    const { cron_id } = body as Cron;
    const change = await request().patch(`/runs/crons/${cron_id}`).send({ on_run_completed: 'delete' });
    expect(change.status).toBe(422);
    expect((await request().patch(`/runs/crons/${cron_id}`).send({ schedule: '* * *' })).status).toBe(422);
    expect(await find(cron_id)).toMatchObject({ schedule: CRON.schedule, on_run_completed: 'keep' });
    await client.crons.delete(cron_id);
  });
});
