/**
 * How a failure of a graph is told to clients.
 */
import type { WireError } from '@longrun/contracts';

/** `{error: <name>, message}` of anything that was thrown. */
export function toWireError(error: unknown): WireError {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const name =
      'name' in error && typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
    return { error: name, message: String(error.message) };
  }
  return {
    error: 'Error',
    message: typeof error === 'string' ? error : (JSON.stringify(error) ?? String(error)),
  };
}
