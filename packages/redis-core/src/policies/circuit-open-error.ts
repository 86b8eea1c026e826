/**
 * What a call is refused with while the circuit is not closed.
 */
import { RedisError } from '../redis-error.js';

/** The call was not sent, because the circuit is open, half-open with all probes under way, or isolated. Has no stack trace. */
export class CircuitOpenError extends RedisError {
  constructor(
    code: 'CIRCUIT_OPEN' | 'CIRCUIT_ISOLATED',
    message: string,
    /** Why the circuit is open. */
    readonly reason: string,
    /** When it makes sense to ask again, milliseconds from now; a hint. */
    readonly retryAfterMs: number,
  ) {
    super('not-executed', code, message);
    this.name = 'CircuitOpenError';
  }
}
