/**
 * Checks of the numbers in options: a wrong one is refused by name, never silently replaced by a default.
 */

/** @throws RangeError unless `value` is a whole number of at least `least` */
export function checkCount(name: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `${name} is ${String(value)}; it must be a whole number of at least ${String(least)}.`,
  );
}

/** @throws RangeError unless `value` is a finite number of at least `least` */
export function checkAmount(name: string, value: number, least = 0): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new RangeError(`${name} is ${String(value)}; it must be a number of at least ${String(least)}.`);
}

/** @throws RangeError unless `value` is above 0 and at most 1 */
export function checkRate(name: string, value: number): void {
  if (value > 0 && value <= 1) return;
  throw new RangeError(`${name} is ${String(value)}; it must be above 0 and at most 1.`);
}
