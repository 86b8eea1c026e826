import { describe, expect, it } from '@jest/globals';
import { LongrunError, type LongrunErrorCode } from '@longrun/contracts';
import { AccessRefused } from '../auth/access-refused.js';
import { ProtocolError, toProtocolError } from './protocol-error.js';

describe('an error of a command', () => {
  it.each<[LongrunErrorCode, string]>([
    ['THREAD_NOT_FOUND', 'no_such_run'],
    ['RUN_NOT_FOUND', 'no_such_run'],
    ['CHECKPOINT_NOT_FOUND', 'no_such_checkpoint'],
    ['ASSISTANT_NOT_FOUND', 'invalid_argument'],
    ['VALIDATION_FAILED', 'invalid_argument'],
    ['THREAD_BUSY', 'invalid_argument'],
    ['POSTGRES_UNAVAILABLE', 'unknown_error'],
    ['GRAPH_LOAD_FAILED', 'unknown_error'],
  ])('%s is told as %s, with its message', (code, told) => {
    expect(toProtocolError(new LongrunError(code, 'why'))).toMatchObject({ code: told, message: 'why' });
  });

  it.each([401, 403])('of a handler that refuses with %d is told as permission_denied', (status) => {
    expect(toProtocolError(new AccessRefused(status, 'not yours'))).toMatchObject({
      code: 'permission_denied',
      message: 'not yours',
    });
  });

  it('of its own is told as it is; of a fault nothing is told but that it is one', () => {
    const own = new ProtocolError('not_supported', 'no');
    expect(toProtocolError(own)).toBe(own);
    expect(toProtocolError(new Error('password=secret'))).toMatchObject({
      code: 'unknown_error',
      message: expect.not.stringContaining('secret'),
    });
  });
});
