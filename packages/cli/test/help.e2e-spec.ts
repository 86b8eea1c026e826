/**
 * What every command says of itself, and the exit codes of calls that name none or a wrong one.
 */
import { describe, expect, it } from '@jest/globals';

import { runCommand } from './start-process.js';

const COMMANDS = ['dev', 'start', 'worker', 'sweep', 'migrate', 'doctor', 'explain', 'keys'];

async function run(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const { ended, output } = runCommand(args, {});
  return { code: await ended, ...output };
}

describe('longrun', () => {
  it('lists its commands and its exit codes', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect([code, stderr]).toEqual([0, '']);
    expect([...stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name)).toEqual(COMMANDS);
    expect(stdout).toContain('2 called wrongly');
  });

  it.each(COMMANDS)('%s says what it does, and does nothing', async (command) => {
    const asked = await run(command, '--help');
    expect([asked.code, asked.stderr]).toEqual([0, '']);
    expect(asked.stdout).toMatch(new RegExp(`^longrun ${command}\\b.*: `));
    expect(await run('help', command)).toEqual(asked);
  });

  it.each([
    [['sing'], 'There is no command sing.'],
    [['toString'], 'There is no command toString.'],
    [['help', 'sing'], 'There is no command sing.'],
    [['keys'], 'longrun keys <what>'],
    [['migrate', 'now'], 'longrun migrate: '],
    [['migrate'], 'longrun migrate needs DATABASE_URL.'],
  ])('%j is a wrong call', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
