/**
 * How a stack under test is told what to change in itself. The only file of this package that touches `process.env`.
 */
import { fileURLToPath } from 'node:url';
import { PROTECTIONS, type Protection } from './protections.js';

const WITHOUT = 'LONGRUN_FAULTS_WITHOUT';
const ARMED = 'LONGRUN_FAULTS_ARMED';

export interface TestBuild {
  without?: Protection | undefined;
  /** Folder in which moments are armed. */
  armedFolder?: string | undefined;
}

/** The variables for the processes of a stack. */
export function testBuildEnvironment({ without, armedFolder }: TestBuild): Record<string, string> {
  if (without === undefined && armedFolder === undefined) return {};
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
  return { without: without as Protection | undefined, armedFolder: process.env[ARMED] };
}
