/**
 * What `take-allowance` of redis-core does, in the memory of this process: for single mode, and while Redis is away.
 */
import type { Allowance, Taken, Taking } from '@longrun/redis-core';

/** Callers that are remembered; beyond them those who were seen first begin anew. */
const MOST_CALLERS = 10_000;

interface Account {
  left: number;
  at: number;
  runs: number;
  /** Moment at which the window ends; 0: none has begun. */
  endsAt: number;
}

export class LocalAllowances {
  readonly #accounts = new Map<string, Account>();

  /** @param now milliseconds of a monotonic clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  take(caller: string, { perSecond, burst, quota, windowMs }: Allowance, { requests, runs }: Taking): Taken {
    const now = this.now();
    const account = this.#accounts.get(caller) ?? { left: burst, at: now, runs: 0, endsAt: 0 };
    this.#remember(caller, account);
    account.left = Math.min(burst, account.left + ((now - account.at) * perSecond) / 1_000);
    account.at = now;
    if (now >= account.endsAt) Object.assign(account, { runs: 0, endsAt: 0 });
    const answer = (refusedBy: Taken['refusedBy'], waitMs: number): Taken => ({
      refusedBy,
      waitMs,
      requestsLeft: Math.floor(account.left),
      runsLeft: Math.max(0, quota - account.runs),
      windowLeftMs: Math.max(0, account.endsAt - now),
    });
    if (perSecond > 0) {
      if (account.left < requests) {
        return answer('rate', Math.ceil(((requests - account.left) * 1_000) / perSecond));
      }
      account.left -= requests;
    }
    if (quota > 0 && runs > 0) {
      if (account.runs + runs > quota) {
        return answer('quota', account.endsAt > 0 ? account.endsAt - now : windowMs);
      }
      if (account.endsAt === 0) account.endsAt = now + windowMs;
      account.runs += runs;
    }
    return answer(null, 0);
  }

  /** As the newest. */
  #remember(caller: string, account: Account): void {
    this.#accounts.delete(caller);
    this.#accounts.set(caller, account);
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size > MOST_CALLERS && oldest !== undefined) this.#accounts.delete(oldest);
  }
}
