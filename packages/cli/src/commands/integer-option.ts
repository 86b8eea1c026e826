/**
 * Numbers at the command line.
 */
import { UsageError } from './usage-error.js';

/** @throws UsageError naming the option and its limits */
export function integerOption(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(
      `${name} is "${text}"; it must be a whole number from ${String(min)} to ${String(max)}.`,
    );
  }
  return value;
}
