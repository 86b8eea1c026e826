import { expect, it } from '@jest/globals';
import { logIds, withLogIds } from './log-ids.js';

it('log lines have the ids of the work they belong to, also after a wait, and no others', async () => {
  const seen: unknown[] = [];
  const work = (runId: string): Promise<void> =>
    withLogIds({ runId }, async () => {
      await Promise.resolve();
      await withLogIds({ attempt: 2 }, async () => {
        await new Promise(setImmediate);
        seen.push(logIds());
      });
      seen.push(logIds());
    });
  await Promise.all([work('a'), work('b')]);
  expect(seen).toHaveLength(4);
  expect(seen).toEqual(
    expect.arrayContaining([
      { runId: 'a', attempt: 2 },
      { runId: 'b', attempt: 2 },
      { runId: 'a' },
      { runId: 'b' },
    ]),
  );
  expect(logIds()).toEqual({});
});
