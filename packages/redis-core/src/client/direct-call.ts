/**
 * An operation on the direct way: one object that waits for its permit, receives the answer, and is the deadline's entry.
 */
import type { CommandChannel, CommandSink, RedisArgument } from '../connections/command-channel.js';
import type { PendingOperation } from '../connections/deadlines.js';
import type { CircuitBreaker } from '../policies/circuit-breaker.js';
import { mayRetry } from '../policies/retry.js';
import type { PermitTaker, Semaphore } from '../policies/semaphore.js';
import type { Waiter } from '../policies/waiter-list.js';
import { RedisError } from '../redis-error.js';
import { timedOut } from './bounded.js';
import { permitClass } from './operation-options.js';
import type { OperationOptions } from './operation-options.js';
import type { OperationStats } from './operation-stats.js';

/** Who makes direct calls, and judges what comes of them. */
export interface DirectCallOwner {
  readonly parts: {
    readonly channel: CommandChannel;
    readonly breaker: CircuitBreaker;
    readonly permits: Semaphore;
    readonly stats: OperationStats;
    readonly limits: { readonly operationTimeoutMs: number };
  };
  attemptsOf(options: OperationOptions): number;
  judge(error: RedisError, generation: number, durationMs: number): void;
  count(error: unknown, options: OperationOptions): void;
  resume(call: DirectCall, error: RedisError): void;
}

/** Makes of the server's answer what the method promises. */
export type ReplyDecoder<T> = (reply: unknown) => T;

export class DirectCall implements CommandSink, PendingOperation, PermitTaker {
  settled = false;
  expiresAt = 0;
  readonly startedAt = performance.now();
  /** When it left, milliseconds of the monotonic clock; until then when it was called. */
  private sentAt = this.startedAt;
  private generation = 0;
  private isResumed = false;
  private waiter: Waiter | undefined;

  constructor(
    private readonly runner: DirectCallOwner,
    readonly name: string,
    readonly args: readonly RedisArgument[],
    readonly idempotent: boolean,
    readonly options: OperationOptions,
    private readonly decode: ReplyDecoder<unknown>,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  /** Asks for a permit, and goes on with it at once or later. */
  start(): void {
    const { permits } = this.runner.parts;
    if (permits.tryAcquire()) this.send();
    else this.waiter = permits.request(this, permitClass(this.options.priority ?? 'normal'), this.startedAt);
  }

  granted(): void {
    this.waiter = undefined;
    this.sentAt = performance.now();
    this.send();
  }

  refused(error: RedisError): void {
    this.giveUp(error);
  }

  /** Sends the command, unless the circuit has opened meanwhile. */
  private send(): void {
    const { breaker, stats, channel } = this.runner.parts;
    this.generation = breaker.tryEnter();
    if (this.generation === 0) {
      this.fail(breaker.refusal(this.name));
      return;
    }
    stats.inFlight += 1;
    channel.dispatch(this.name, this.args, this);
  }

  onReply(reply: unknown): void {
    const { breaker, permits, stats } = this.runner.parts;
    const durationMs = performance.now() - this.sentAt;
    permits.release();
    stats.inFlight -= 1;
    stats.latency.record(durationMs);
    if (this.settled) return;
    breaker.succeed(this.generation, durationMs);
    this.settle(reply);
  }

  onFailure(error: RedisError): void {
    const { permits, stats } = this.runner.parts;
    stats.inFlight -= 1;
    if (this.settled) {
      permits.release();
      return;
    }
    this.runner.judge(error, this.generation, performance.now() - this.sentAt);
    this.fail(error);
  }

  /** The deadline has passed. What is in flight keeps its permit until it is settled. */
  expire(): void {
    const { operationTimeoutMs } = this.runner.parts.limits;
    if (this.waiter !== undefined) {
      this.runner.parts.permits.leave(this.waiter);
      const waited = `its deadline of ${String(operationTimeoutMs)} ms passed before it got a permit`;
      this.giveUp(new RedisError('not-executed', 'TIMEOUT', `${this.name} was not executed: ${waited}.`));
      return;
    }
    const error = timedOut(this.name, operationTimeoutMs);
    // What the later tries mean to the circuit is judged one by one.
    if (!this.isResumed) this.runner.judge(error, this.generation, 0);
    this.giveUp(error);
  }

  /** Hands the answer over, unless the deadline was first. */
  settle(reply: unknown): void {
    if (this.settled) return;
    this.settled = true;
    try {
      this.resolve(this.decode(reply));
    } catch (error) {
      // An answer of another shape than the command promises: not Redis, or a fault of ours.
      this.reject(error);
    }
  }

  /** Hands the failure over, unless the deadline was first. */
  giveUp(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.runner.count(error, this.options);
    this.reject(error);
  }

  private fail(error: RedisError): void {
    const { permits } = this.runner.parts;
    if (this.runner.attemptsOf(this.options) > 1 && mayRetry(error, this.idempotent)) {
      // The permit goes along: the tries to come are part of this operation.
      this.isResumed = true;
      this.runner.resume(this, error);
      return;
    }
    permits.release();
    this.giveUp(error);
  }
}
