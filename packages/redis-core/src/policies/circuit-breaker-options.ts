/**
 * The numbers of a circuit breaker, and their defaults.
 */
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { checkAmount, checkCount, checkRate } from './numbers.js';

/** When a circuit opens, and how it closes again. Times are in milliseconds. */
export interface CircuitBreakerOptions {
  /** Calls of this time count. Default 10,000. */
  readonly windowMs?: number;
  /** Parts of the window; it moves by one part at a time. Default 10. */
  readonly buckets?: number;
  /** With fewer calls in the window the circuit stays closed. Default 20. */
  readonly minimumCalls?: number;
  /** Share of failed calls in the window that opens the circuit, above 0 and up to 1. Default 0.5. */
  readonly failureRate?: number;
  /** A call that succeeds but takes this long is slow. Default: no call is. */
  readonly slowCallMs?: number;
  /** Share of slow calls in the window that opens the circuit. Default 0.8. */
  readonly slowCallRate?: number;
  /** This many failed attempts to connect in a row open the circuit, whatever the window says. Default 5. */
  readonly consecutiveConnectFailures?: number;
  /** Longest first pause of an open circuit; it doubles each time a probe fails. Default 500. */
  readonly openMs?: number;
  /** What the pause doubles up to. Default 10,000: seconds, not minutes, until the next try. */
  readonly maxOpenMs?: number;
  /** Calls that a half-open circuit admits at the same time. Default 1. */
  readonly probes?: number;
  /** Probes that must succeed to close the circuit. Default 1. */
  readonly successesToClose?: number;
  /** A probe without a result after this time has failed. Default 2,000. */
  readonly probeTimeoutMs?: number;
  readonly clock?: Clock;
  /** For the jitter of the pauses: 0 to 1. */
  readonly random?: () => number;
}

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a number that makes no sense; the message names it
 */
export function resolveBreakerOptions(options: CircuitBreakerOptions): Required<CircuitBreakerOptions> {
  const resolved = {
    windowMs: options.windowMs ?? 10_000,
    buckets: options.buckets ?? 10,
    minimumCalls: options.minimumCalls ?? 20,
    failureRate: options.failureRate ?? 0.5,
    slowCallMs: options.slowCallMs ?? Infinity,
    slowCallRate: options.slowCallRate ?? 0.8,
    consecutiveConnectFailures: options.consecutiveConnectFailures ?? 5,
    openMs: options.openMs ?? 500,
    maxOpenMs: options.maxOpenMs ?? 10_000,
    probes: options.probes ?? 1,
    successesToClose: options.successesToClose ?? 1,
    probeTimeoutMs: options.probeTimeoutMs ?? 2_000,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
  for (const name of [
    'buckets',
    'minimumCalls',
    'consecutiveConnectFailures',
    'probes',
    'successesToClose',
  ] as const) {
    checkCount(name, resolved[name]);
  }
  for (const name of ['windowMs', 'openMs', 'probeTimeoutMs'] as const) checkAmount(name, resolved[name], 1);
  checkAmount('maxOpenMs', resolved.maxOpenMs, resolved.openMs);
  checkRate('failureRate', resolved.failureRate);
  checkRate('slowCallRate', resolved.slowCallRate);
  if (options.slowCallMs !== undefined) checkAmount('slowCallMs', options.slowCallMs);
  return resolved;
}
