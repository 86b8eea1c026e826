/**
 * Finds out by itself whether Redis serves again: the circuit's probe is a PING of ours, so that recovery needs no traffic of
 * the user and costs none of it.
 */
import type { CommandChannel } from '../connections/command-channel.js';
import type { CircuitBreaker } from '../policies/circuit-breaker.js';

/** Starts probing whenever the circuit becomes half-open. Returns a function that stops it. */
export function probeWhenHalfOpen(channel: CommandChannel, breaker: CircuitBreaker): () => void {
  return breaker.on('state', (state) => {
    if (state.kind !== 'half-open') return;
    const generation = breaker.tryEnter();
    // Refused: a probe is under way.
    if (generation === 0) return;
    // A PING without an answer ends with the connection, or with the probe's own timeout in the circuit.
    channel.dispatch('PING', [], {
      onReply: () => {
        breaker.succeed(generation);
      },
      onFailure: () => {
        breaker.fail(generation);
      },
    });
  });
}
