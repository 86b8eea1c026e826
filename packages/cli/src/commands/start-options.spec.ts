/**
 * The options of `longrun start`.
 */
import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { parseStartOptions } from './start-options.js';

const root = mkdtempSync(join(tmpdir(), 'start-options-'));
mkdirSync(join(root, 'examples'));
writeFileSync(join(root, 'examples', 'langgraph.json'), '{}');

function parse(...args: string[]) {
  return parseStartOptions(args, root);
}

describe('the options of start', () => {
  it('have the documented defaults', () => {
    expect(parse()).toMatchObject({
      configPath: join(root, 'examples', 'langgraph.json'),
      port: 8123,
      portRequired: false,
      workers: 2,
      apis: 1,
      sweepers: 1,
      dataDir: join(process.cwd(), '.longrun'),
      mode: 'stack',
      json: false,
      restart: true,
    });
  });

  it('are read with and without a bare -- before them', () => {
    const expected = { workers: 3, port: 9000, portRequired: true, json: true, restart: false };
    expect(parse('--workers', '3', '--port=9000', '--json', '--no-restart')).toMatchObject(expected);
    expect(parse('--', '--workers', '3', '--', '--port=9000', '--json', '--no-restart')).toMatchObject(
      expected,
    );
  });

  it('take PORT for a port that was asked for, unless --port says otherwise', () => {
    expect(parseStartOptions([], root, '7000')).toMatchObject({ port: 7000, portRequired: true });
    expect(parseStartOptions(['--port', '0'], root, '7000')).toMatchObject({ port: 0, portRequired: false });
  });

  it.each([
    [['--workers', 'two'], /--workers is "two"; it must be a whole number from 0 to 64/],
    [['--apis', '0'], /--apis is "0"/],
    [['--port', '65536'], /--port/],
    [['--mode', 'cluster'], /--mode is "cluster"; it must be stack or single/],
    [['--mode', 'single', '--apis', '2'], /--apis has no meaning with --mode single/],
    [['--config', '/nowhere/langgraph.json'], /no \/nowhere\/langgraph.json.*--config/],
    [['--wrkers', '2'], /--wrkers[\s\S]*--workers <n>/],
    [['agent'], /agent/],
  ])('refuse %j and say what is wrong', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
    expect(() => parse(...args)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });

  it('name PORT when it is PORT that is wrong', () => {
    expect(() => parseStartOptions([], root, 'http')).toThrow(/^PORT is "http"/);
  });
});
