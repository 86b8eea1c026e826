/**
 * A command that somebody awaits: the receiver of its answer and the entry of its deadline in one object.
 */
import type { CommandSink } from './command-channel.js';
import type { PendingOperation } from './deadlines.js';
import { RedisError } from '../redis-error.js';

export class PendingCall implements CommandSink, PendingOperation {
  settled = false;
  expiresAt = 0;

  constructor(
    private readonly name: string,
    private readonly limitMs: number,
    private readonly resolve: (reply: unknown) => void,
    private readonly reject: (error: RedisError) => void,
  ) {}

  onReply(reply: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.resolve(reply);
  }

  onFailure(error: RedisError): void {
    if (this.settled) return;
    this.settled = true;
    this.reject(error);
  }

  expire(): void {
    const limit = `Redis did not answer within ${String(this.limitMs)} ms`;
    this.onFailure(new RedisError('unknown', 'TIMEOUT', `${this.name} may have been executed: ${limit}.`));
  }
}
