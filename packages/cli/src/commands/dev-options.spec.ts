/**
 * The options of `longrun dev`.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { parseDevOptions } from './dev-options.js';
import { UsageError } from './usage-error.js';

const folder = mkdtempSync(join(tmpdir(), 'dev-options-'));
const config = join(folder, 'langgraph.json');
writeFileSync(config, '{}');

describe('the options of longrun dev', () => {
  it('are by default those of langgraph dev, and the data lies beside langgraph.json', () => {
    expect(parseDevOptions(['-c', folder])).toEqual({
      configPath: config,
      host: '127.0.0.1',
      shownHost: 'localhost',
      port: 2024,
      portRequired: false,
      jobs: 10,
      browser: true,
      reload: true,
      studioUrl: 'https://smith.langchain.com',
      verbose: false,
      logLevel: 'info',
      dataDir: join(folder, '.longrun'),
      databaseUrl: undefined,
      json: false,
    });
  });

  it('take the short names of langgraph dev, and -h is the host', () => {
    const options = parseDevOptions(['-c', config, '-p', '3000', '-h', '0.0.0.0', '-n', '3', '--verbose']);
    expect(options).toMatchObject({ port: 3000, portRequired: true, host: '0.0.0.0', jobs: 3 });
    expect(options.logLevel).toBe('debug');
  });

  it.each([
    [['--tunnel'], /--tunnel is not supported: it would put this machine on the internet/],
    [['--debug-port', '5678'], /--debug-port is not supported: .*SIGUSR1/],
    [['--wait-for-client'], /--wait-for-client is not supported/],
    [['--allow-blocking'], /--allow-blocking is not supported/],
    [['--port', '70000'], /--port is "70000"; it must be a whole number from 0 to 65535/],
    [['-n', '0'], /--n-jobs-per-worker is "0"/],
    [['--server-log-level', 'loud'], /--server-log-level is "loud"/],
    [['--studio-url', 'studio'], /--studio-url is "studio"/],
    [['--database-url', 'mysql://x'], /--database-url must be a URL/],
    [['--config', '/nowhere'], /There is no \/nowhere/],
    [['--colour'], /--colour/],
  ])('refuse %j in words', (args, message) => {
    const call = (): unknown => parseDevOptions(['-c', config, ...args]);
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
  });
});
