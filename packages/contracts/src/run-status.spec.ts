import { describe, expect, it } from '@jest/globals';
import { isAllowedTransition, isTerminalRunStatus, RUN_STATUSES, RUN_TRANSITIONS } from './run-status.js';

describe('the transition table of runs', () => {
  it('lets nothing lead out of a terminal status', () => {
    for (const status of RUN_STATUSES.filter(isTerminalRunStatus)) {
      for (const transition of Object.keys(RUN_TRANSITIONS) as (keyof typeof RUN_TRANSITIONS)[]) {
        for (const to of RUN_STATUSES) expect(isAllowedTransition(transition, status, to)).toBe(false);
      }
    }
  });

  it('lets only claim lead to running from pending', () => {
    const names = (Object.keys(RUN_TRANSITIONS) as (keyof typeof RUN_TRANSITIONS)[]).filter((name) =>
      isAllowedTransition(name, 'pending', 'running'),
    );
    expect(names.sort()).toEqual(['claim']);
  });
});
