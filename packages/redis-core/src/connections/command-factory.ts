/**
 * Makes a command ready to be written: its arguments as text, the prefix before its keys.
 */
import { Command } from 'ioredis';

import type { RedisArgument } from './command-channel.js';
import { RedisError } from '../redis-error.js';

type CommandArguments = ConstructorParameters<typeof Command>[1];
type CommandOptions = ConstructorParameters<typeof Command>[2];

/** Channels get no prefix, though that of SPUBLISH counts as a key to the cluster. */
const SHARDED_PUBLISH = /^spublish$/i;
const AS_TEXT: CommandOptions = { replyEncoding: 'utf8' };

export class CommandFactory {
  private readonly withPrefix: CommandOptions;

  /** @param keyPrefix empty for none */
  constructor(private readonly keyPrefix: string) {
    this.withPrefix = keyPrefix === '' ? AS_TEXT : { ...AS_TEXT, keyPrefix };
  }

  /**
   * A command, to be sent once. Its name is in lower case, whatever the caller wrote: ioredis would make it so four times.
   *
   * @throws RedisError `definitive` BAD_ARGUMENTS when an argument cannot be made text
   */
  make(name: string, args: readonly RedisArgument[]): Command {
    const isChannel = this.keyPrefix !== '' && SHARDED_PUBLISH.test(name);
    let command: Command;
    try {
      // The constructor copies the arguments.
      command = new Command(
        name.toLowerCase(),
        args as CommandArguments,
        isChannel ? AS_TEXT : this.withPrefix,
      );
    } catch (error) {
      throw badArguments(name, error);
    }
    // What an argument throws ends in the command's promise, and leaves the command half made.
    if ((command.resolve as unknown) === undefined) {
      command.promise.catch(() => undefined);
      throw badArguments(name, 'one of them cannot be made text');
    }
    return command;
  }
}

/** Why a command could not even be written. */
export function badArguments(name: string, error: unknown): RedisError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${name} was not sent: its arguments cannot be encoded (${reason}).`;
  return new RedisError('definitive', 'BAD_ARGUMENTS', message, { cause: error });
}
