/**
 * Named moments in the code at which a test may kill, freeze or fail the process. Nothing is installed in production: there
 * each of them is a call that returns.
 */

/** Every moment, and which process comes by. */
export const TEST_POINTS = {
  'create:before-commit': 'api',
  'create:after-commit': 'api',
  'enqueue:after-add': 'api',
  'cancel:after-commit': 'api',
  'claim:after-commit': 'worker',
  'append:before-commit': 'worker',
  'append:after-commit': 'worker',
  'checkpoint:before-commit': 'worker',
  'checkpoint:after-commit': 'worker',
  'finish:before-commit': 'worker',
  'finish:after-commit': 'worker',
  'release:before-commit': 'worker',
  'release:after-commit': 'worker',
  'rescue:before-commit': 'sweeper',
  'rescue:after-commit': 'sweeper',
  'dispatch:after-commit': 'sweeper',
} as const satisfies Record<string, 'api' | 'worker' | 'sweeper'>;
export type TestPoint = keyof typeof TEST_POINTS;

let reach: ((point: TestPoint) => Promise<void> | undefined) | undefined;

/** Says what happens at the moments from now on. For tests only. */
export function onTestPoint(handler: (point: TestPoint) => Promise<void> | undefined): void {
  reach = handler;
}

/** A moment is reached. To be awaited; it does nothing unless a test said so. */
export function testPoint(point: TestPoint): Promise<void> | undefined {
  return reach?.(point);
}
