/**
 * Arms the named moments of the product: the first process that reaches one is killed, frozen for longer than its lease, or fails there.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryDataDir } from '@longrun/local-services';
import type { TestPoint } from '@longrun/contracts';

export const POINT_ACTIONS = ['kill', 'freeze', 'throw'] as const;
export type PointAction = (typeof POINT_ACTIONS)[number];

/** The file that arms a moment as long as it is there. */
export function armedFile(folder: string, point: TestPoint, action: PointAction): string {
  return join(folder, `${point.replace(':', '_')} ${action}`);
}

export class ArmedPoints {
  readonly folder = makeTemporaryDataDir('longrun-test-points-');

  constructor() {
    mkdirSync(join(this.folder, 'acted'));
  }

  arm(point: TestPoint, action: PointAction): void {
    writeFileSync(armedFile(this.folder, point, action), '');
  }

  /** Whether nobody has come by yet. */
  isArmed(point: TestPoint, action: PointAction): boolean {
    return existsSync(armedFile(this.folder, point, action));
  }

  disarm(point: TestPoint, action: PointAction): void {
    rmSync(armedFile(this.folder, point, action), { force: true });
  }

  /** Times that a process acted. */
  get acted(): number {
    return readdirSync(join(this.folder, 'acted')).length;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
