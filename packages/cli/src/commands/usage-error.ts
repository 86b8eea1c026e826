/**
 * A command was called wrongly: the message is for the person at the terminal, the exit code is 2.
 */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
