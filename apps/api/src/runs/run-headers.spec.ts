import { describe, expect, it } from '@jest/globals';
import { runHeaders } from './run-headers.js';

describe('runHeaders', () => {
  const run = { run_id: 'r', thread_id: 't' };

  it('leads to the run of its thread', () => {
    expect(runHeaders(run, false, 'stream')).toEqual({
      'content-location': '/threads/t/runs/r',
      location: '/threads/t/runs/r/stream',
    });
  });

  it('leads past the thread that a stateless run has only for itself', () => {
    expect(runHeaders(run, true, 'join')).toEqual({
      'content-location': '/runs/r',
      location: '/runs/r/join',
    });
  });

  it('has no location where there is nothing to reconnect to', () => {
    expect(runHeaders(run, false, null)).toEqual({ 'content-location': '/threads/t/runs/r' });
  });
});
