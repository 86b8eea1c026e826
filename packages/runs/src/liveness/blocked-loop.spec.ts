import { describe, expect, it } from '@jest/globals';
import { watchedRuns } from './blocked-loop.js';

const held = (runId: string, attempt = 1) => ({ runId, attempt, cancelled: false });

describe('the runs that the heartbeat thread watches', () => {
  it('get their deadline when they are first held, and keep it', () => {
    const first = watchedRuns([held('a')], [], 100);
    expect(watchedRuns([held('a'), held('b')], first, 200)).toEqual([
      { runId: 'a', attempt: 1, deadlineAt: 100 },
      { runId: 'b', attempt: 1, deadlineAt: 200 },
    ]);
  });

  it('are forgotten when they are no longer held', () => {
    const first = watchedRuns([held('a')], [], 100);
    const second = watchedRuns([], first, 200);
    expect(watchedRuns([held('a')], second, 300)).toEqual([{ runId: 'a', attempt: 1, deadlineAt: 300 }]);
  });

  it('have a deadline of their own for each attempt', () => {
    const first = watchedRuns([held('a', 1)], [], 100);
    expect(watchedRuns([held('a', 2)], first, 200)).toEqual([{ runId: 'a', attempt: 2, deadlineAt: 200 }]);
  });
});
