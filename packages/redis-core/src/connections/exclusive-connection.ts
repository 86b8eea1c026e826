/**
 * What a borrower of an exclusive connection gets: commands, and a record of the state they leave behind on the server.
 */
import type { RedisArgument } from './command-channel.js';
import type { OneLifeConnection } from './one-life-connection.js';
import { RedisError, toRedisError } from '../redis-error.js';

/** Commands that leave something on the connection which no later command of the borrower takes away. */
const STICKY = new Set([
  'SELECT',
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'MONITOR',
  'CLIENT',
  'AUTH',
  'HELLO',
  'READONLY',
]);

export class ExclusiveConnection {
  private pending = 0;
  private inTransaction = false;
  private watching = false;
  private poisoned = false;
  private released = false;

  constructor(private readonly connection: OneLifeConnection) {}

  /** True when the next borrower finds the connection as it was at first. */
  get isClean(): boolean {
    return this.pending === 0 && !this.inTransaction && !this.watching && !this.poisoned;
  }

  /**
   * Executes a command, which may block; the limit is that of the whole use.
   *
   * @throws RedisError when the server refuses it, or the connection is lost or cut
   */
  async call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    if (this.released) {
      throw new RedisError(
        'not-executed',
        'RELEASED',
        `${name} was not sent: the connection was given back.`,
      );
    }
    if (!this.connection.isWritable()) {
      throw new RedisError('not-executed', 'NOT_CONNECTED', `${name} was not sent: the connection is gone.`);
    }
    this.note(name.toUpperCase());
    this.pending += 1;
    try {
      return await this.connection.redis.call(name, ...args);
    } catch (error) {
      const failure = toRedisError(error, name);
      if (failure.outcome !== 'definitive') this.poisoned = true;
      throw failure;
    } finally {
      this.pending -= 1;
    }
  }

  /** Called by the pool: from now on every call is refused. */
  release(): void {
    this.released = true;
  }

  private note(name: string): void {
    if (name === 'MULTI') this.inTransaction = true;
    else if (name === 'WATCH') this.watching = true;
    else if (name === 'EXEC' || name === 'DISCARD') this.inTransaction = this.watching = false;
    else if (name === 'UNWATCH') this.watching = false;
    else if (STICKY.has(name)) this.poisoned = true;
  }
}
