import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AnswerWatch } from './answer-watch.js';

describe('the watch over something that tells of nothing by itself', () => {
  let answers: boolean;
  let questions: number;
  let changes: boolean[];
  let watch: AnswerWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    answers = true;
    questions = 0;
    changes = [];
    watch = new AnswerWatch({
      ask: async () => {
        questions += 1;
        if (!answers) throw new Error('no answer');
      },
      onChange: () => changes.push(watch.answers),
    });
  });
  afterEach(() => {
    watch.close();
    jest.useRealTimers();
  });

  it('asks nothing by itself while nobody doubts', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect([watch.answers, questions, changes]).toEqual([true, 0, []]);
  });

  it('believes no doubt that the question does not confirm', async () => {
    await watch.doubt();
    expect([watch.answers, questions, changes]).toEqual([true, 1, []]);
  });

  it('asks once for all who doubt at the same time', async () => {
    answers = false;
    await Promise.all([watch.doubt(), watch.doubt(), watch.ask()]);
    expect([watch.answers, watch.failure, questions, changes]).toEqual([false, 'no answer', 1, [false]]);
  });

  it('asks every second while there is no answer, and notices the return', async () => {
    answers = false;
    await watch.doubt();
    await jest.advanceTimersByTimeAsync(3_500);
    expect([questions, changes]).toEqual([4, [false]]);
    answers = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect([watch.answers, watch.failure, changes]).toEqual([true, undefined, [false, true]]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(questions).toBe(5);
  });

  it('keeps nobody waiting for what is known to be away', async () => {
    answers = false;
    await watch.doubt();
    await watch.doubt();
    expect(questions).toBe(1);
  });

  it('asks nothing more and tells nothing once it is closed', async () => {
    answers = false;
    await watch.doubt();
    answers = true;
    const asking = watch.ask();
    watch.close();
    await asking;
    await jest.advanceTimersByTimeAsync(60_000);
    expect([questions, changes]).toEqual([2, [false]]);
  });

  it('asks nothing more when it is closed while there is no answer', async () => {
    answers = false;
    const asking = watch.ask();
    watch.close();
    await asking;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(questions).toBe(1);
  });
});
