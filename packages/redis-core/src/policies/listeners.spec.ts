/**
 * The listeners of an event.
 */
import { describe, expect, it } from '@jest/globals';

import { Listeners } from './listeners.js';

describe('listeners', () => {
  it('are called in their order, until they are removed', () => {
    const listeners = new Listeners<[number]>();
    const heard: string[] = [];
    const off = listeners.add((value) => heard.push(`a${String(value)}`));
    listeners.add((value) => heard.push(`b${String(value)}`));
    listeners.emit(1);
    off();
    listeners.emit(2);
    expect(heard).toEqual(['a1', 'b1', 'b2']);
  });

  it('that are added twice are called twice, and removed one by one', () => {
    const listeners = new Listeners<[]>();
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    const off = listeners.add(listener);
    listeners.add(listener);
    listeners.emit();
    off();
    off();
    listeners.emit();
    expect(calls).toBe(3);
  });

  it('hear what a listener emits after what is being emitted', () => {
    const listeners = new Listeners<[string]>();
    const heard: string[] = [];
    listeners.add((what) => {
      if (what === 'first') listeners.emit('second');
    });
    listeners.add((what) => heard.push(what));
    listeners.emit('first');
    expect(heard).toEqual(['first', 'second']);
  });

  it('do not suffer from an error of one of them, which is reported as uncaught', async () => {
    const listeners = new Listeners<[]>();
    const heard: string[] = [];
    const deferred: (() => void)[] = [];
    const original = globalThis.queueMicrotask;
    globalThis.queueMicrotask = (callback) => {
      deferred.push(callback);
    };
    try {
      listeners.add(() => {
        throw new Error('bug of a listener');
      });
      listeners.add(() => heard.push('the other'));
      listeners.emit();
      listeners.emit();
    } finally {
      globalThis.queueMicrotask = original;
    }
    expect(heard).toEqual(['the other', 'the other']);
    expect(deferred).toHaveLength(2);
    expect(deferred[0]).toThrow('bug of a listener');
  });
});
