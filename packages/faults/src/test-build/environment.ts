/**
 * How a stack under test is told what to change in itself. The only file of this package that touches `process.env`.
 */
import { fileURLToPath } from 'node:url';
import { PROTECTIONS, type Protection } from './protections.js';

const WITHOUT = 'LONGRUN_FAULTS_WITHOUT';
const ARMED = 'LONGRUN_FAULTS_ARMED';
/** JSON: by process (`api`, `worker`, `sweeper`) how far its clock is ahead, ms. */
export const CLOCKS = 'LONGRUN_FAULTS_CLOCKS';

export interface TestBuild {
  without?: Protection | undefined;
  /** Folder in which moments are armed. */
  armedFolder?: string | undefined;
  /** How far the clock of this process is ahead, ms. */
  clockAheadMs?: number;
}

/** The variables for the processes of a stack. */
export function testBuildEnvironment(
  { without, armedFolder }: TestBuild,
  isNeeded = false,
): Record<string, string> {
  if (without === undefined && armedFolder === undefined && !isNeeded) return {};
  const loader = new URL('./loader.js', import.meta.url).href;
  return {
    NODE_OPTIONS: `--import ${loader}`,
    ...(without === undefined ? {} : { [WITHOUT]: without }),
    ...(armedFolder === undefined ? {} : { [ARMED]: armedFolder }),
  };
}

/** @throws Error when the protection is unknown */
export function readTestBuild(): TestBuild {
  const without = process.env[WITHOUT];
  if (without !== undefined && !Object.hasOwn(PROTECTIONS, without)) {
    throw new Error(`${fileURLToPath(import.meta.url)}: no protection is called "${without}".`);
  }
  const clocks = JSON.parse(process.env[CLOCKS] ?? '{}') as Record<string, number>;
  const app = /apps\/(\w+)\//.exec(process.argv[1] ?? '')?.[1] ?? '';
  return {
    without: without as Protection | undefined,
    armedFolder: process.env[ARMED],
    clockAheadMs: clocks[app] ?? 0,
  };
}
