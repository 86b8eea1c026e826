import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('reconcile', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const age = (runId: string, seconds: number) =>
    fixture.pool.query('UPDATE run SET dispatched_at = now() - make_interval(secs => $2) WHERE run_id = $1', [
      runId,
      seconds,
    ]);
  const due = async () =>
    (await fixture.store.dispatchDue(2_000, 100)).map(({ runId, dispatch }) => ({ runId, dispatch }));

  it('dispatches a run that nobody fetched for 2 s, under a new number', async () => {
    const { runId } = await fixture.create();
    expect(await due()).toEqual([]);
    await age(runId, 3);
    expect(await due()).toEqual([{ runId, dispatch: 2 }]);
    expect(await due()).toEqual([]);
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
  });

  it('waits twice as long after every dispatch, so that a long queue is not filled with copies', async () => {
    const { runId } = await fixture.create();
    await age(runId, 3);
    expect(await due()).toHaveLength(1);
    await age(runId, 3);
    expect(await due()).toEqual([]);
    await age(runId, 5);
    expect(await due()).toEqual([{ runId, dispatch: 3 }]);
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
  });

  it('leaves a run alone whose entry waits in the queue, but not for ten times as long', async () => {
    const { runId } = await fixture.create();
    const lost = await fixture.create();
    const asked: unknown[] = [];
    const dueBut = async () => {
      const dispatched = await fixture.store.dispatchDue(2_000, 100, async (entries) => {
        asked.push(...entries.map((entry) => `${entry.runId}-${String(entry.dispatch)}`));
        return new Set(entries.map((entry) => entry.runId).filter((id) => id === runId));
      });
      return dispatched.map((run) => run.runId);
    };
    for (const run of [runId, lost.runId]) await age(run, 19);
    expect(await dueBut()).toEqual([lost.runId]);
    expect(asked).toEqual([`${runId}-1`, `${lost.runId}-1`]);
    await age(runId, 21);
    expect(await dueBut()).toEqual([runId]);
    // It waits for twice as long then.
    await age(runId, 39);
    expect(await dueBut()).toEqual([]);
    await age(runId, 41);
    expect(await dueBut()).toEqual([runId]);
    for (const run of [runId, lost.runId]) await fixture.store.claim(run, randomUUID(), GRAPHS);
  });

  it('leaves a run alone that waits for another of its thread, or for its time', async () => {
    const first = await fixture.create();
    await fixture.create({ threadId: first.threadId });
    await fixture.create({ afterSeconds: 60 });
    await age(first.runId, 3);
    expect((await due()).map((run) => run.runId)).toEqual([first.runId]);
  });

  it('shares the work between sweepers', async () => {
    const runs = await Promise.all(Array.from({ length: 40 }, () => fixture.create()));
    await Promise.all(runs.map((run) => age(run.runId, 100)));
    const found = (await Promise.all([due(), due(), due()])).flat().map((run) => run.runId);
    const ours = found.filter((runId) => runs.some((run) => run.runId === runId));
    expect(ours.sort()).toEqual(runs.map((run) => run.runId).sort());
  });
});
