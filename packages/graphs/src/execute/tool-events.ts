/**
 * Events of the stream mode `tools` as they are sent: an error as its name and message, which JSON would lose.
 */
import { toWireError } from '../wire/wire-error.js';

/** The event with `error` as clients are told of errors; other events as they are. */
export function toolEventOnWire(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('error' in payload)) return payload;
  return payload.error instanceof Object ? { ...payload, error: toWireError(payload.error) } : payload;
}
