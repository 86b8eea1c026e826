import { describe, expect, it } from '@jest/globals';
import type { ThreadState } from '@longrun/contracts';
import { selectFromState } from './state-selection.js';

const state: ThreadState = {
  values: { messages: ['m'], count: 2, 'a.b': 3 },
  next: ['n'],
  tasks: [],
  metadata: { step: 1 },
  created_at: 'now',
  checkpoint: null,
  parent_checkpoint: null,
};

describe('a selection from a state', () => {
  it('is the whole state when nothing is selected', () => {
    expect(selectFromState(state, undefined)).toBe(state);
    expect(selectFromState(state, [])).toBe(state);
  });

  it('has the selected fields only', () => {
    expect(selectFromState(state, ['next', 'metadata'])).toEqual({ next: ['n'], metadata: { step: 1 } });
  });

  it('has single keys of the values, and those that are not there are left out', () => {
    expect(selectFromState(state, ['values.count', 'values.a.b', 'values.none'])).toEqual({
      values: { count: 2, 'a.b': 3 },
    });
  });

  it('has all values when they are selected beside one of their keys', () => {
    expect(selectFromState(state, ['values', 'values.count'])).toEqual({ values: state.values });
  });

  it('leaves values alone that have no keys', () => {
    expect(selectFromState({ ...state, values: 'text' }, ['values.count'])).toEqual({});
  });
});
