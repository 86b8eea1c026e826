/**
 * One operation from the caller to the connection and back: deadline, circuit breaker, permit, retry, one try after the
 * other. An operation with the usual deadline, while Redis serves, takes the direct way, which makes one object and one
 * promise; the others take the long way, with the same rules.
 *
 * A permit belongs to what is in flight, not to who waits for it: it comes back when the last try has settled, also when
 * the caller has long given up. So the permits are what bounds the commands in flight.
 */
import type { CommandChannel, CommandSink, RedisArgument } from '../connections/command-channel.js';
import { Deadlines } from '../connections/deadlines.js';
import type { CircuitBreaker } from '../policies/circuit-breaker.js';
import { mayRetry, retry } from '../policies/retry.js';
import type { RetryBudget } from '../policies/retry-budget.js';
import type { Semaphore } from '../policies/semaphore.js';
import { RedisError } from '../redis-error.js';
import { awaitBounded, timedOut } from './bounded.js';
import type { Progress } from './bounded.js';
import { DirectCall } from './direct-call.js';
import type { DirectCallOwner, ReplyDecoder } from './direct-call.js';
import { permitClass } from './operation-options.js';
import type { OperationOptions } from './operation-options.js';
import type { OperationStats } from './operation-stats.js';
import type { ServiceGate } from './service-gate.js';

/** What a runner works with. */
export interface RunnerParts {
  readonly channel: CommandChannel;
  readonly breaker: CircuitBreaker;
  readonly permits: Semaphore;
  readonly budget: RetryBudget;
  readonly gate: ServiceGate;
  readonly stats: OperationStats;
  readonly limits: RunnerLimits;
}

/** Limits of an operation. Times are in milliseconds. */
interface RunnerLimits {
  readonly operationTimeoutMs: number;
  readonly attempts: number;
  readonly criticalAttempts: number;
  readonly retryBaseDelayMs: number;
  readonly retryMaxDelayMs: number;
}

/** Replies by which a server that is there says that it does not serve: for the circuit they are faults, like silence. */
const OUT_OF_SERVICE = new Set(['LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'READONLY', 'BUSY']);
/** Failures after which the next try waits for the connection, or the circuit, instead of guessing a pause. */
const AWAY = new Set(['NOT_CONNECTED', 'CONNECTION_LOST', 'CIRCUIT_OPEN']);

export class OperationRunner implements DirectCallOwner {
  private readonly deadlines: Deadlines;

  constructor(readonly parts: RunnerParts) {
    this.deadlines = new Deadlines(parts.limits.operationTimeoutMs);
  }

  /**
   * Executes a command under all policies.
   *
   * @throws RedisError within the deadline, whatever the server does; its `outcome` tells whether it may be repeated
   */
  run<T>(
    name: string,
    args: readonly RedisArgument[],
    idempotent: boolean,
    options: OperationOptions,
    decode: ReplyDecoder<T>,
  ): Promise<T> {
    this.parts.budget.recordCall();
    if (options.timeoutMs === undefined && options.signal === undefined && this.parts.gate.isOpen) {
      return new Promise((resolve, reject) => {
        const settle = resolve as (value: unknown) => void;
        const call = new DirectCall(this, name, args, idempotent, options, decode, settle, reject);
        this.deadlines.add(call, call.startedAt);
        call.start();
      });
    }
    const timeoutMs = options.timeoutMs ?? this.parts.limits.operationTimeoutMs;
    return this.counted(
      options,
      awaitBounded({ name, timeoutMs, signal: options.signal }, (progress) =>
        this.withPermit(name, timeoutMs, options, (permit, deadline) =>
          this.tries(name, idempotent, deadline, options, () => this.attempt(name, args, progress, permit)),
        ),
      ).then(decode),
    );
  }

  /** Runs `work`, which sends several commands, under one permit and one deadline; for pipelines. */
  runTogether<T>(
    name: string,
    idempotent: boolean,
    options: OperationOptions,
    work: (send: (name: string, args: readonly RedisArgument[]) => Promise<unknown>) => Promise<T>,
  ): Promise<T> {
    this.parts.budget.recordCall();
    const timeoutMs = options.timeoutMs ?? this.parts.limits.operationTimeoutMs;
    return this.counted(
      options,
      awaitBounded({ name, timeoutMs, signal: options.signal }, (progress) =>
        this.withPermit(name, timeoutMs, options, (permit, deadline) =>
          this.tries(name, idempotent, deadline, options, () =>
            work((command, args) => this.attempt(command, args, progress, permit)),
          ),
        ),
      ),
    );
  }

  /** The direct way met a failure after which the command may be repeated. The call still holds its permit. */
  resume(call: DirectCall, error: RedisError): void {
    const { name, args, idempotent, options } = call;
    const permit = new SharedPermit(this.parts.permits);
    const deadline = call.startedAt + this.parts.limits.operationTimeoutMs;
    // What was sent before counts, so that the message of a deadline does not promise too much.
    const progress: Progress = { sent: error.outcome === 'unknown', over: false };
    this.tries(name, idempotent, deadline, options, (attempt) => {
      // The deadline of a call on the direct way is kept by the call.
      progress.over = call.settled;
      return attempt === 1 ? Promise.reject(error) : this.attempt(name, args, progress, permit);
    }).then(
      (reply) => {
        permit.release();
        call.settle(reply);
      },
      (failure: unknown) => {
        permit.release();
        call.giveUp(failure);
      },
    );
  }

  /** Tells the circuit what a failure means to it. */
  judge(error: RedisError, generation: number, durationMs: number): void {
    const { breaker } = this.parts;
    if (error.code === 'TIMEOUT' || OUT_OF_SERVICE.has(error.code)) breaker.fail(generation);
    // The loss of a connection is one incident, however many commands were in flight: whoever watches it reports it.
    else if (error.outcome === 'unknown' || error.code === 'NOT_CONNECTED') breaker.ignore(generation);
    // The server answered, and quickly: that the caller asked for nonsense is no sign of illness.
    else breaker.succeed(generation, durationMs);
  }

  /** Counts a failure as its caller sees it. */
  count(error: unknown, options: OperationOptions): void {
    const { stats } = this.parts;
    if (!(error instanceof RedisError)) return;
    stats.failures[error.outcome] += 1;
    if (options.priority === 'low' && mayRetry(error, true)) stats.droppedLow += 1;
  }

  /** Number of tries of an operation. */
  attemptsOf(options: OperationOptions): number {
    if (options.priority === 'low') return 1;
    return options.priority === 'critical' ? this.parts.limits.criticalAttempts : this.parts.limits.attempts;
  }

  /** Expires every deadline. */
  close(): void {
    this.deadlines.close();
  }

  private async counted<T>(options: OperationOptions, operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      this.count(error, options);
      throw error;
    }
  }

  private async withPermit<T>(
    name: string,
    timeoutMs: number,
    options: OperationOptions,
    work: (permit: SharedPermit, deadline: number) => Promise<T>,
  ): Promise<T> {
    const { permits, gate, breaker } = this.parts;
    const deadline = performance.now() + timeoutMs;
    const { priority = 'normal', signal } = options;
    // Before the queue: while the circuit is open nobody should wait for a permit only to be refused.
    if (!breaker.isClosed) await gate.pass(this.waitFor(name, deadline, options));
    await permits.acquire({
      priority: permitClass(priority),
      maxWaitMs: Math.max(0, deadline - performance.now()),
      ...(signal === undefined ? {} : { signal }),
    });
    const permit = new SharedPermit(permits);
    try {
      return await work(permit, deadline);
    } finally {
      permit.release();
    }
  }

  private tries<T>(
    name: string,
    idempotent: boolean,
    deadline: number,
    options: OperationOptions,
    operation: (attempt: number) => Promise<T>,
  ): Promise<T> {
    const { limits, budget, gate, stats } = this.parts;
    const { priority = 'normal', signal } = options;
    const isCritical = priority === 'critical';
    return retry(operation, {
      idempotent,
      attempts: this.attemptsOf(options),
      baseDelayMs: limits.retryBaseDelayMs,
      maxDelayMs: limits.retryMaxDelayMs,
      deadline,
      // The budget keeps repetition from becoming the load; what is critical is few by definition.
      ...(isCritical ? {} : { budget }),
      ...(signal === undefined ? {} : { signal }),
      beforeRetry: async (error) => {
        stats.retries += 1;
        if (AWAY.has(error.code)) await gate.pass(this.waitFor(name, deadline, options));
      },
    });
  }

  private waitFor(name: string, deadline: number, options: OperationOptions) {
    return {
      name,
      remainingMs: Math.max(0, deadline - performance.now()),
      throughOpenCircuit: options.priority === 'critical',
      signal: options.signal,
    };
  }

  /** One try: admitted by the circuit, limited in time, and holding the permit until the server has answered. */
  private attempt(
    name: string,
    args: readonly RedisArgument[],
    progress: Progress,
    permit: SharedPermit,
  ): Promise<unknown> {
    const { breaker, channel, stats } = this.parts;
    if (progress.over) return Promise.reject(tooLate(name));
    const generation = breaker.tryEnter();
    if (generation === 0) return Promise.reject(breaker.refusal(name));
    progress.sent = true;
    permit.share();
    stats.inFlight += 1;
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      let isTimedOut = false;
      const underlyingSettled = (): number => {
        permit.release();
        stats.inFlight -= 1;
        operation.settled = true;
        return performance.now() - startedAt;
      };
      const operation = {
        settled: false,
        expiresAt: 0,
        expire: () => {
          operation.settled = true;
          isTimedOut = true;
          const error = timedOut(name, this.parts.limits.operationTimeoutMs);
          this.judge(error, generation, 0);
          reject(error);
        },
      };
      const sink: CommandSink = {
        onReply: (reply) => {
          const durationMs = underlyingSettled();
          stats.latency.record(durationMs);
          if (!isTimedOut) breaker.succeed(generation, durationMs);
          resolve(reply);
        },
        onFailure: (error) => {
          const durationMs = underlyingSettled();
          if (!isTimedOut) this.judge(error, generation, durationMs);
          if (error.outcome === 'not-executed') progress.sent = false;
          reject(error);
        },
      };
      this.deadlines.add(operation);
      channel.dispatch(name, args, sink);
    });
  }
}

/** Nobody sees this one: its caller has been answered. */
function tooLate(name: string): RedisError {
  return new RedisError('not-executed', 'ABORTED', `${name} was not sent: its caller has been answered.`);
}

/** A permit with several holders: it goes back when the last of them has let go. */
class SharedPermit {
  private holders = 1;

  constructor(private readonly permits: Semaphore) {}

  share(): void {
    this.holders += 1;
  }

  release(): void {
    this.holders -= 1;
    if (this.holders === 0) this.permits.release();
  }
}
