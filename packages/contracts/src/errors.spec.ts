import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, isLongrunError, LongrunError } from './errors.js';

describe('LongrunError', () => {
  it('carries the status and the retryability of its code', () => {
    const error = new LongrunError('THREAD_BUSY', 'busy');
    expect([error.status, error.retryable]).toEqual([409, true]);
  });

  it('is recognised across copies of the package, by its brand', () => {
    const foreign = Object.defineProperty(
      Object.assign(new Error('x'), { code: 'RUN_FENCED' }),
      Symbol.for('longrun.error'),
      { value: true },
    );
    expect(isLongrunError(foreign, 'RUN_FENCED')).toBe(true);
    expect(isLongrunError(foreign, 'INTERNAL')).toBe(false);
    expect(isLongrunError(new Error('x'))).toBe(false);
  });

  it('has a meaning with a remedy for every code', () => {
    for (const { meaning, status } of Object.values(ERROR_CODES)) {
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });
});
