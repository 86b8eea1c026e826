/**
 * Where operations wait for Redis to serve again: open while there is a connection and the circuit is closed.
 */
import { RedisError } from '../redis-error.js';
import type { CircuitBreaker } from '../policies/circuit-breaker.js';
import type { CommandChannel } from '../connections/command-channel.js';

/** How long, and through what, an operation waits. */
export interface GateWait {
  /** For messages. */
  readonly name: string;
  readonly remainingMs: number;
  /** Go on waiting while the circuit is not closed; else that ends the wait at once. */
  readonly throughOpenCircuit: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly wait: GateWait;
  settle(error?: RedisError): void;
}

export class ServiceGate {
  private readonly waiters = new Set<Waiter>();
  private closed = false;

  constructor(
    private readonly channel: CommandChannel,
    private readonly breaker: CircuitBreaker,
  ) {}

  /** True while an operation would be sent and admitted. */
  get isOpen(): boolean {
    return this.breaker.isClosed && this.channel.isReady;
  }

  /**
   * Resolves when operations are served.
   *
   * @throws RedisError `not-executed`: TIMEOUT, ABORTED, CLOSED, or CIRCUIT_OPEN when the wait does not go through that
   */
  pass(wait: GateWait): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    const refused = this.refusalFor(wait);
    if (refused !== undefined) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        waiter.settle(notExecuted('ABORTED', wait, 'the caller gave up while Redis was away'));
      };
      const timer = setTimeout(() => {
        const waited = `Redis did not come back within ${String(Math.round(wait.remainingMs))} ms`;
        waiter.settle(notExecuted('TIMEOUT', wait, waited));
      }, wait.remainingMs);
      const waiter: Waiter = {
        wait,
        settle: (error) => {
          clearTimeout(timer);
          wait.signal?.removeEventListener('abort', abort);
          this.waiters.delete(waiter);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      wait.signal?.addEventListener('abort', abort, { once: true });
      this.waiters.add(waiter);
    });
  }

  /** To be called whenever a connection has come up or the circuit has changed. */
  update(): void {
    const isOpen = this.isOpen;
    for (const waiter of [...this.waiters]) {
      if (isOpen) waiter.settle();
      else {
        const refused = this.refusalFor(waiter.wait);
        if (refused !== undefined) waiter.settle(refused);
      }
    }
  }

  /** Rejects whoever waits, now and from now on. */
  close(): void {
    this.closed = true;
    this.update();
  }

  private refusalFor(wait: GateWait): RedisError | undefined {
    if (this.closed) return notExecuted('CLOSED', wait, 'the client is closed');
    if (wait.signal?.aborted === true) return notExecuted('ABORTED', wait, 'the caller gave up');
    const { kind } = this.breaker.state;
    const refuses = kind === 'isolated' || (kind !== 'closed' && !wait.throughOpenCircuit);
    return refuses ? this.breaker.refusal(wait.name) : undefined;
  }
}

function notExecuted(code: string, { name }: GateWait, why: string): RedisError {
  return new RedisError('not-executed', code, `${name} was not sent: ${why}.`);
}
