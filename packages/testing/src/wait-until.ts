/**
 * Waiting for a condition instead of for a time.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long, how often, and what to say when it does not come true. */
export interface WaitOptions {
  /** Milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks. Default 20. */
  readonly intervalMs?: number;
  /** What was waited for, as the end of "waited … for". */
  readonly message?: string;
}

/**
 * Waits until the condition yields something truthy, and returns that.
 *
 * @throws Error when it does not in time; what the condition last threw is its cause
 */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const { timeoutMs = 10_000, intervalMs = 20, message = 'a condition' } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) {
      const because = lastError instanceof Error ? `: ${lastError.message}` : '';
      throw new Error(`Waited ${String(timeoutMs)} ms for ${message}${because}`, { cause: lastError });
    }
    await sleep(intervalMs);
  }
}
