/**
 * Keeps calls away from a server that does not answer, and finds out when it does again.
 *
 * - `closed`: all calls are admitted and counted in a time window. Too many failures or slow calls, or too many failed
 *   attempts to connect in a row: `open`.
 * - `open`: all calls are refused. After a pause, or as soon as there is a new connection: `half-open`.
 * - `half-open`: a fixed few probes are admitted, the other calls are refused at once. Enough successes: `closed`. A
 *   failure, or a probe without a result: `open`, with twice the pause.
 * - `isolated`: all calls are refused until {@link CircuitBreaker.reset}.
 *
 * Each admission has a number, its generation. A result counts only for the state that admitted the call: those that come
 * late, after the circuit has opened, say nothing about the server as it is now.
 */
import { withoutStackTrace } from '../redis-error.js';
import { resolveBreakerOptions } from './circuit-breaker-options.js';
import type { CircuitBreakerOptions } from './circuit-breaker-options.js';
import { CircuitOpenError } from './circuit-open-error.js';
import { SteadyTime } from './clock.js';
import type { TimerHandle } from './clock.js';
import { FailureWindow } from './failure-window.js';
import { Listeners } from './listeners.js';

export type { CircuitBreakerOptions } from './circuit-breaker-options.js';
export { CircuitOpenError } from './circuit-open-error.js';

/** See the states above. Moments are those of the breaker's clock, in milliseconds. */
export type BreakerState =
  | { readonly kind: 'closed' }
  /** `times`: how often in a row without having been closed in between; the pause doubles with it. */
  | {
      readonly kind: 'open';
      readonly openedAt: number;
      readonly retryAt: number;
      readonly reason: string;
      readonly times: number;
    }
  /** `probes`: admitted and without a result yet. */
  | { readonly kind: 'half-open'; readonly since: number; readonly probes: number }
  | { readonly kind: 'isolated'; readonly reason: string };

/** Called after the circuit has changed; not for a probe that begins or ends. */
export type BreakerStateListener = (to: BreakerState, from: BreakerState) => void;

const CLOSED: BreakerState = { kind: 'closed' };

export class CircuitBreaker {
  /** `refused`: calls that were handed a {@link refusal}; `opened`: how often the circuit opened. */
  readonly stats = { refused: 0, opened: 0 };
  private readonly options: Required<CircuitBreakerOptions>;
  private readonly time: SteadyTime;
  private readonly window: FailureWindow;
  private readonly stateListeners = new Listeners<[to: BreakerState, from: BreakerState]>();
  private readonly refusedListeners = new Listeners<[command: string]>();
  private current = CLOSED;
  private why = whyRefused(CLOSED);
  private generation = 1;
  /** When each probe under way began, by its generation; the oldest is first. */
  private readonly probing = new Map<number, number>();
  private probesSucceeded = 0;
  private failedConnects = 0;
  private timesOpened = 0;
  private timer: TimerHandle;
  private isShutDown = false;

  /** @throws RangeError for an option that makes no sense; the message names it */
  constructor(options: CircuitBreakerOptions = {}) {
    this.options = resolveBreakerOptions(options);
    this.time = new SteadyTime(this.options.clock);
    this.window = new FailureWindow(this.options.windowMs, this.options.buckets);
  }

  get state(): BreakerState {
    return this.current;
  }

  get isClosed(): boolean {
    return this.current === CLOSED;
  }

  /**
   * Asks for admission. The answer is the generation to report the result with (to {@link succeed}, {@link fail} or
   * {@link ignore}, one of them, once), or 0: refused, see {@link refusal}.
   */
  tryEnter(): number {
    return this.current === CLOSED ? this.generation : this.tryProbe();
  }

  /** The server answered, `durationMs` after it was asked. */
  succeed(generation: number, durationMs = 0): void {
    if (this.current !== CLOSED) {
      this.probeSucceeded(generation);
    } else if (generation === this.generation) {
      const isSlow = durationMs >= this.options.slowCallMs;
      this.window.record(this.time.now(), false, isSlow);
      if (isSlow) this.openIfIll();
    }
  }

  /** A connectivity fault: no answer, or one that says that the server does not serve. */
  fail(generation: number): void {
    if (this.current !== CLOSED) {
      if (this.probing.has(generation)) this.open('a probe failed');
    } else if (generation === this.generation) {
      this.countFailure();
    }
  }

  /** A result that says nothing about the server, such as a caller's abort. Gives a probe's place back. */
  ignore(generation: number): void {
    if (this.probing.delete(generation)) this.probesChanged();
  }

  /** An attempt to connect failed. */
  connectFailed(reason: string): void {
    this.failedConnects += 1;
    const limit = this.options.consecutiveConnectFailures;
    if (this.current.kind === 'half-open') this.open(reason);
    else if (this.current === CLOSED && this.failedConnects >= limit) {
      this.open(`${String(this.failedConnects)} attempts to connect failed in a row: ${reason}`);
    }
  }

  /** A connection was lost: one failure, however many calls were in flight on it. */
  incident(reason: string): void {
    if (this.current === CLOSED) this.countFailure();
    else if (this.current.kind === 'half-open') this.open(`the connection was lost: ${reason}`);
  }

  /** A connection came up: there is no reason to sit out the pause of an open circuit. */
  connected(): void {
    this.failedConnects = 0;
    if (this.current.kind === 'open') this.halfOpen();
  }

  /** The error for a call that was not admitted; counts the call as refused. Costs no stack trace. */
  refusal(command: string): CircuitOpenError {
    this.stats.refused += 1;
    if (this.refusedListeners.size > 0) this.refusedListeners.emit(command);
    const { code, reason, text } = this.why;
    const retryAfterMs = this.retryAfterMs();
    const message = `${command}${text}${String(retryAfterMs)} ms.`;
    return withoutStackTrace(() => new CircuitOpenError(code, message, reason, retryAfterMs));
  }

  /** Refuses all calls until {@link reset}. */
  isolate(reason: string): void {
    this.change({ kind: 'isolated', reason });
  }

  /** Closes the circuit, whatever it is, and forgets everything. */
  reset(): void {
    this.window.clear();
    this.failedConnects = 0;
    this.timesOpened = 0;
    if (this.current !== CLOSED) this.change(CLOSED);
  }

  /**
   * `state` when the circuit has changed, `refused` for every refusal. A listener may call the breaker; what follows from
   * that is announced afterwards. Returns a function that removes the listener.
   */
  on(event: 'state', listener: BreakerStateListener): () => void;
  on(event: 'refused', listener: (command: string) => void): () => void;
  on(
    ...[event, listener]:
      | [event: 'state', listener: BreakerStateListener]
      | [event: 'refused', listener: (command: string) => void]
  ): () => void {
    return event === 'state' ? this.stateListeners.add(listener) : this.refusedListeners.add(listener);
  }

  /** Leaves no timer and no listener. The circuit stays as it is. */
  close(): void {
    this.isShutDown = true;
    this.stopTimer();
    this.stateListeners.clear();
    this.refusedListeners.clear();
  }

  private tryProbe(): number {
    this.catchUp();
    if (this.current === CLOSED) return this.generation;
    if (this.current.kind !== 'half-open' || this.probing.size >= this.options.probes) return 0;
    this.generation += 1;
    this.probing.set(this.generation, this.time.now());
    this.probesChanged();
    return this.generation;
  }

  private probeSucceeded(generation: number): void {
    if (!this.probing.delete(generation)) return;
    this.probesSucceeded += 1;
    if (this.probesSucceeded >= this.options.successesToClose) this.reset();
    else this.probesChanged();
  }

  private countFailure(): void {
    this.window.record(this.time.now(), true, false);
    this.openIfIll();
  }

  private openIfIll(): void {
    const { calls, failures, slowCalls } = this.window;
    const { minimumCalls, failureRate, slowCallRate, windowMs } = this.options;
    if (calls < minimumCalls) return;
    const counted = `of ${String(calls)} calls in ${String(windowMs)} ms`;
    if (failures >= failureRate * calls) this.open(`${String(failures)} ${counted} failed`);
    else if (slowCalls >= slowCallRate * calls) this.open(`${String(slowCalls)} ${counted} were slow`);
  }

  private open(reason: string): void {
    const { openMs, maxOpenMs, random } = this.options;
    this.stats.opened += 1;
    this.timesOpened += 1;
    const ceiling = Math.min(maxOpenMs, openMs * 2 ** Math.min(this.timesOpened - 1, 52));
    // Full jitter over the upper half: processes that lost the same server do not return together, and none at once.
    const pauseMs = (ceiling * (1 + random())) / 2;
    const openedAt = this.time.now();
    const retryAt = openedAt + pauseMs;
    this.change({ kind: 'open', openedAt, retryAt, reason, times: this.timesOpened });
  }

  private halfOpen(): void {
    this.probesSucceeded = 0;
    this.change({ kind: 'half-open', since: this.time.now(), probes: 0 });
  }

  private change(to: BreakerState): void {
    const from = this.current;
    this.generation += 1;
    this.probing.clear();
    this.current = to;
    this.why = whyRefused(to);
    this.startTimer();
    this.stateListeners.emit(to, from);
  }

  private probesChanged(): void {
    if (this.current.kind !== 'half-open') return;
    this.current = { ...this.current, probes: this.probing.size };
    this.startTimer();
  }

  /** Does what time has brought about: the end of the pause, or of a probe's time. */
  private catchUp(): void {
    if (this.time.now() < this.nextMoment()) return;
    if (this.current.kind === 'open') this.halfOpen();
    else this.open(`a probe had no result within ${String(this.options.probeTimeoutMs)} ms`);
  }

  /** When the state changes by itself. */
  private nextMoment(): number {
    if (this.current.kind === 'open') return this.current.retryAt;
    for (const startedAt of this.probing.values()) return startedAt + this.options.probeTimeoutMs;
    return Infinity;
  }

  private startTimer(): void {
    this.stopTimer();
    const at = this.nextMoment();
    if (at === Infinity || this.isShutDown) return;
    const delayMs = Math.max(1, Math.ceil(at - this.time.now()));
    this.timer = this.options.clock.setTimeout(() => {
      this.timer = undefined;
      this.catchUp();
      // Fired early: go on waiting.
      if (this.timer === undefined) this.startTimer();
    }, delayMs);
  }

  private stopTimer(): void {
    if (this.timer === undefined) return;
    this.options.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private retryAfterMs(): number {
    switch (this.current.kind) {
      case 'open':
        return Math.max(0, Math.ceil(this.current.retryAt - this.time.now()));
      case 'half-open':
        return this.options.openMs;
      case 'isolated':
        return this.options.maxOpenMs;
      case 'closed':
        return 0;
    }
  }
}

/** What all refusals of one state have in common, made once: there may be a million of them. */
interface Why {
  readonly code: 'CIRCUIT_OPEN' | 'CIRCUIT_ISOLATED';
  readonly reason: string;
  /** The message between the command and the number of milliseconds. */
  readonly text: string;
}

function whyRefused(state: BreakerState): Why {
  switch (state.kind) {
    case 'open':
      return why('CIRCUIT_OPEN', state.reason);
    case 'half-open':
      return why('CIRCUIT_OPEN', 'a probe is under way');
    case 'isolated':
      return why('CIRCUIT_ISOLATED', state.reason);
    case 'closed':
      return why('CIRCUIT_OPEN', 'it has closed just now');
  }
}

function why(code: Why['code'], reason: string): Why {
  const remedy = code === 'CIRCUIT_ISOLATED' ? 'somebody has to reset it; look again in' : 'try again in';
  return { code, reason, text: ` was not sent: the circuit is not closed (${reason}); ${remedy} ` };
}
