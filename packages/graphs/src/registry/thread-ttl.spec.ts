import { describe, expect, it } from '@jest/globals';
import { threadTtlOf } from './thread-ttl.js';

const of = (ttl?: unknown): unknown => threadTtlOf({ content: { checkpointer: { ttl } } });

describe('the time to live of threads in langgraph.json', () => {
  it('is for ever when nothing is said', () => {
    expect(threadTtlOf({ content: {} })).toBeNull();
    expect([of(), of(null), of({ strategy: 'delete' })]).toEqual([null, null, null]);
  });

  it('is in minutes, and deletes unless it says otherwise', () => {
    expect(of({ default_ttl: 60 })).toEqual({ ttl: 60, strategy: 'delete' });
    expect(of({ default_ttl: 0.5, strategy: 'keep_latest' })).toEqual({ ttl: 0.5, strategy: 'keep_latest' });
  });

  it.each([
    [{ default_ttl: 0 }, /default_ttl must be/],
    [{ default_ttl: '60' }, /default_ttl must be/],
    [{ default_ttl: 60, strategy: 'archive' }, /strategy must be/],
  ])('%j is refused', (ttl, message) => {
    expect(() => of(ttl)).toThrow(message);
  });
});
