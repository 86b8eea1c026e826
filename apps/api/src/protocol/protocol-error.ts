/**
 * Errors as protocol v2 tells them: a few codes for clients to decide by, and a message. Changes with the protocol's codes.
 */
import { isLongrunError, type LongrunErrorCode } from '@longrun/contracts';
import { AccessRefused } from '../auth/access-refused.js';

/** Source: `ErrorCode` of `@langchain/protocol`. */
export type ProtocolErrorCode =
  | 'invalid_argument'
  | 'unknown_command'
  | 'unknown_error'
  | 'no_such_run'
  | 'no_such_subscription'
  | 'no_such_namespace'
  | 'no_such_interrupt'
  | 'no_such_checkpoint'
  | 'permission_denied'
  | 'not_supported';

/** A command that is not carried out. The message names the field and the remedy. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
  ) {
    super(message);
  }
}

const CODES: Partial<Record<LongrunErrorCode, ProtocolErrorCode>> = {
  RUN_NOT_FOUND: 'no_such_run',
  THREAD_NOT_FOUND: 'no_such_run',
  CHECKPOINT_NOT_FOUND: 'no_such_checkpoint',
};

/** What a client is told of anything that was thrown: details of a fault of the server stay in its log. */
export function toProtocolError(thrown: unknown): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  if (thrown instanceof AccessRefused) return new ProtocolError('permission_denied', thrown.message);
  if (!isLongrunError(thrown))
    return new ProtocolError('unknown_error', 'The server failed. Its log holds the cause.');
  const { code, status, message } = thrown;
  const known = CODES[code];
  if (known) return new ProtocolError(known, message);
  return new ProtocolError(status < 500 ? 'invalid_argument' : 'unknown_error', message);
}
