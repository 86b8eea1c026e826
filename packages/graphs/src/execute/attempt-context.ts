/**
 * Which attempt the current code belongs to, and to which attempt an unhandled rejection belongs. Changes with what
 * Node.js tells its `unhandledRejection` handlers.
 *
 * Node.js 20.20, 22 and 24 call the handler in the asynchronous context of the rejected promise. Older 20 and 22
 * releases do not, but there AsyncLocalStorage leaves its store on the promise itself, under a symbol. Both cost
 * nothing until a rejection occurs, unlike a hook on every promise.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** An attempt that is being executed. */
export class AttemptContext {
  private failed: ((error: unknown) => void) | undefined;

  constructor(
    readonly runId: string,
    readonly attempt: number,
    onFailure: (error: unknown) => void,
  ) {
    this.failed = onFailure;
  }

  /** Ends the attempt by `error`, unless it has ended already. */
  fail(error: unknown): boolean {
    const { failed } = this;
    this.failed = undefined;
    failed?.(error);
    return failed !== undefined;
  }

  /** From here on nothing fails the attempt any more. */
  close(): void {
    this.failed = undefined;
  }
}

const storage = new AsyncLocalStorage<AttemptContext>();

/** Calls `action` as part of an attempt. */
export function inAttempt<T>(context: AttemptContext, action: () => T): T {
  return storage.run(context, action);
}

/** The run and attempt that the calling code is part of, if any. */
export function runOfCurrentContext(): { runId: string; attempt: number } | undefined {
  const context = storage.getStore();
  return context === undefined ? undefined : { runId: context.runId, attempt: context.attempt };
}

/**
 * For the process's `unhandledRejection` handler: fails the attempt in whose context the promise was made.
 *
 * @returns the run concerned, and whether its attempt was still going on; undefined when the rejection belongs to no
 * run: then it can only be logged
 */
export function failAttemptOnUnhandledRejection(
  error: unknown,
  promise: Promise<unknown>,
): { runId: string; attempt: number; failed: boolean } | undefined {
  const context = storage.getStore() ?? contextOnPromise(promise);
  if (context === undefined) return undefined;
  return { runId: context.runId, attempt: context.attempt, failed: context.fail(error) };
}

function contextOnPromise(promise: Promise<unknown>): AttemptContext | undefined {
  const bySymbol = promise as unknown as Record<symbol, unknown>;
  for (const symbol of Object.getOwnPropertySymbols(promise)) {
    const value = bySymbol[symbol];
    if (value instanceof AttemptContext) return value;
  }
  return undefined;
}
