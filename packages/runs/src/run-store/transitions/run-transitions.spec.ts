import { describe, expect, it } from '@jest/globals';
import { isTerminalRunStatus } from '@longrun/contracts';
import { isAllowed } from './evaluate.js';
import { endStatus, RUN_TRANSITIONS, type RunTransition } from './run-transitions.js';
import { assignmentsSql, guardSql } from './to-sql.js';

const NAMES = Object.keys(RUN_TRANSITIONS) as RunTransition[];
const leading = (test: (from: readonly string[], to: readonly string[]) => boolean) =>
  NAMES.filter((name) => test(RUN_TRANSITIONS[name].from, RUN_TRANSITIONS[name].to)).sort();

describe('the table of transitions', () => {
  it('lets nothing lead out of a terminal status', () => {
    for (const name of NAMES) {
      expect(RUN_TRANSITIONS[name].from.filter(isTerminalRunStatus)).toEqual([]);
    }
  });

  it('lets only claim lead to running, and only finish to an end', () => {
    expect(leading((from, to) => !from.includes('running') && to.includes('running'))).toEqual(['claim']);
    expect(leading((_from, to) => to.includes('success'))).toEqual(['finish']);
  });

  it('lets attempt grow by claim alone', () => {
    expect(NAMES.filter((name) => 'attempt' in RUN_TRANSITIONS[name].set)).toEqual(['claim']);
  });

  it('takes the success of a cancelled run for cancelled, and leaves a failure one', () => {
    const [marked, unmarked] = [{ cancel_requested_at: 5 }, { cancel_requested_at: null }];
    expect(endStatus(marked, 'success')).toBe('interrupted');
    expect(endStatus(marked, 'error')).toBe('error');
    expect(endStatus(unmarked, 'success')).toBe('success');
  });

  it('reads as the SQL that a statement needs', () => {
    const names = { row: 'mine', arguments: { worker: '$2' } };
    expect(guardSql(RUN_TRANSITIONS.claim, names)).toBe(`mine.status = 'pending' AND mine.due_at <= now()`);
    expect(assignmentsSql(RUN_TRANSITIONS.claim, names)).toBe(
      `status = 'running', attempt = mine.attempt + 1, worker_id = $2`,
    );
  });

  it('refuses to decide on a row or for a statement that does not say what is needed', () => {
    expect(() => guardSql(RUN_TRANSITIONS.write)).toThrow('what stands for "attempt"');
    expect(() => isAllowed(RUN_TRANSITIONS.write, { row: { status: 'running', attempt: 1 } })).toThrow(
      'lack "attempt"',
    );
    expect(() => isAllowed(RUN_TRANSITIONS.claim, { row: {}, now: 0 })).toThrow('lack "status"');
  });
});
