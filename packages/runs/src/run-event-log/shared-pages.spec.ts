import { describe, expect, it } from '@jest/globals';
import { SharedPages } from './shared-pages.js';

describe('SharedPages', () => {
  it('keeps as many bytes as it may, those of the newest pages', async () => {
    const asked: number[] = [];
    const pages = new SharedPages(async (_runId, cursor) => {
      asked.push(cursor);
      return { events: [{ seq: cursor + 1, event: 'custom', data: 'x'.repeat(100) }], isFull: true };
    }, 250);
    for (const cursor of [-1, 0, 1]) await pages.read('run', cursor, 0);
    for (const cursor of [1, 0, -1]) await pages.read('run', cursor, 0);
    expect(asked).toEqual([-1, 0, 1, -1]);
  });

  it('hands a failure to everybody who waits, and asks anew afterwards', async () => {
    let isAway = true;
    const pages = new SharedPages(async () => {
      if (isAway) throw new Error('away');
      return { events: [], isFull: false };
    });
    const asking = [pages.read('run', -1, 0), pages.read('run', -1, 0)];
    for (const result of await Promise.allSettled(asking)) expect(result.status).toBe('rejected');
    isAway = false;
    expect(await pages.read('run', -1, 0)).toEqual({ events: [], isFull: false });
  });
});
