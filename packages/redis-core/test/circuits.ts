/**
 * Circuits on a clock that stands still, in each of their states.
 */
import { CircuitBreaker } from '../src/policies/circuit-breaker.js';
import type { CircuitBreakerOptions } from '../src/policies/circuit-breaker.js';
import { VirtualClock } from './virtual-clock.js';

export const HOUR_MS = 3_600_000;

/** A breaker whose jitter is always the same: pauses last 500, 1,000, 2,000 ms and so on. */
export function circuit(options: CircuitBreakerOptions = {}) {
  const clock = new VirtualClock();
  return { clock, breaker: new CircuitBreaker({ clock, random: () => 1, ...options }) };
}

/** Lets calls be admitted and fail. */
export function fail(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i += 1) breaker.fail(breaker.tryEnter());
}

export function succeed(breaker: CircuitBreaker, times: number, durationMs = 0): void {
  for (let i = 0; i < times; i += 1) breaker.succeed(breaker.tryEnter(), durationMs);
}

export function openCircuit(options: CircuitBreakerOptions = {}) {
  const made = circuit(options);
  fail(made.breaker, 20);
  if (made.breaker.state.kind !== 'open') throw new Error('The circuit did not open.');
  return made;
}

export function halfOpenCircuit(options: CircuitBreakerOptions = {}) {
  const made = openCircuit(options);
  made.clock.advance(500);
  if (made.breaker.state.kind !== 'half-open') throw new Error('The circuit is not half-open.');
  return made;
}
