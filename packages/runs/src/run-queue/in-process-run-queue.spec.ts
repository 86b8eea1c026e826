import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessRunQueue } from './in-process-run-queue.js';

const entry = (runId: string, priority = 0) => ({ runId, dispatch: 1, priority });

describe('the queue of the single process', () => {
  const begun: string[] = [];
  let ends: Map<string, (error?: Error) => void>;
  let queue: InProcessRunQueue;
  const consumer = (runId: string): Promise<void> => {
    begun.push(runId);
    return new Promise((resolve, reject) => {
      ends.set(runId, (error) => (error ? reject(error) : resolve()));
    });
  };
  const end = async (runId: string, error?: Error): Promise<void> => {
    ends.get(runId)?.(error);
    await new Promise(setImmediate);
  };
  beforeEach(() => {
    begun.length = 0;
    ends = new Map();
    queue = new InProcessRunQueue({ mostWaiting: 3 });
    queue.consume(consumer, 1);
  });

  it('hands over as many as there is room for, and the next when one is through, however it went', async () => {
    await queue.enqueue([entry('a'), entry('b'), entry('c')]);
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'b']);
    await end('b', new Error('Postgres is away'));
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('goes by priority, then by age', async () => {
    await queue.enqueue([entry('a'), entry('late', 5), entry('b'), entry('c')]);
    for (const runId of ['a', 'b', 'c']) await end(runId);
    expect(begun).toEqual(['a', 'b', 'c', 'late']);
  });

  it('knows which wait in it', async () => {
    await queue.enqueue([entry('a'), entry('b')]);
    expect(await queue.waiting([entry('a'), entry('b'), entry('lost')])).toEqual(new Set(['b']));
  });

  it('drops what is too much', async () => {
    await queue.enqueue(['a', 'b', 'c', 'd', 'lost'].map((runId) => entry(runId)));
    for (const runId of ['a', 'b', 'c', 'd']) await end(runId);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('hands over nothing once it is closed', async () => {
    await queue.enqueue([entry('a'), entry('b')]);
    await queue.close();
    await end('a');
    expect(begun).toEqual(['a']);
  });
});
