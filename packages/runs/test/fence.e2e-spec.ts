import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fenceStatement } from '../src/run-store/fence-statement.js';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('the fence', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const holds = async (runId: string, attempt: number) => {
    const { text, values } = fenceStatement(runId, attempt);
    return (await fixture.pool.query(text, values)).rowCount === 1;
  };

  it('falls at release, rescue, cancel by the api and finish', async () => {
    const take = async () => {
      const run = await fixture.create();
      const owner = randomUUID();
      await fixture.store.claim(run.runId, owner, GRAPHS);
      expect(await holds(run.runId, 1)).toBe(true);
      return { ...run, owner };
    };
    const released = await take();
    await fixture.store.release(released.runId, 1);
    const rescued = await take();
    await fixture.store.rescue({ workerId: rescued.owner, beat: null, chargeCrash: true });
    const cancelled = await take();
    await fixture.store.finish({ ...cancelled, attempt: 1, end: { status: 'interrupted' } });
    for (const { runId } of [released, rescued, cancelled]) expect(await holds(runId, 1)).toBe(false);
    await fixture.store.claim(released.runId, randomUUID(), GRAPHS);
    expect([await holds(released.runId, 1), await holds(released.runId, 2)]).toEqual([false, true]);
  });

  it('keeps the run from being taken until the write that asked has ended', async () => {
    const { runId } = await fixture.create();
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
    const client = await fixture.pool.connect();
    await client.query('BEGIN');
    const { text, values } = fenceStatement(runId, 1);
    await client.query(text, values);
    let released = false;
    const release = fixture.store.release(runId, 1).then(() => (released = true));
    await fixture.pool.query('SELECT pg_sleep(0.2)');
    expect(released).toBe(false);
    await client.query('COMMIT');
    client.release();
    await release;
    expect(await holds(runId, 1)).toBe(false);
  });
});
