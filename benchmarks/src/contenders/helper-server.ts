/**
 * A contender that is an HTTP server in a process of our own.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeTemporaryDataDir } from '@longrun/local-services';
import { waitUntil } from '@longrun/testing';
import { stoppedAtExit } from '../harness/cleanups.js';
import type { Contender } from './contender.js';
import { startHelper } from './helper-process.js';

const START_LIMIT_MS = 60_000;
const LOG_TAIL = 2_000;

/**
 * Starts a script and waits until it answers `GET /ok`.
 *
 * @param argumentsFor what the script is told, of its port and of a folder for its files
 * @throws Error when it does not come up, with the end of what it printed
 */
export async function startHelperServer(
  { name, kind }: Pick<Contender, 'name' | 'kind'>,
  script: string,
  argumentsFor: (port: number, folder: string) => string[],
): Promise<Contender> {
  const folder = makeTemporaryDataDir(`longrun-bench-${kind}-`);
  const logFile = join(folder, 'server.log');
  const port = await freePort();
  const helper = startHelper(script, argumentsFor(port, folder), logFile);
  const url = `http://127.0.0.1:${String(port)}`;
  const stop = stoppedAtExit(async () => {
    await helper.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    await waitUntil(async () => (await fetch(`${url}/ok`)).ok, {
      timeoutMs: START_LIMIT_MS,
      message: `${name} to answer`,
    });
  } catch (error) {
    const log = readFileSync(logFile, 'utf8');
    await stop();
    throw new Error(`${name} did not start:\n${log.slice(-LOG_TAIL)}`, { cause: error });
  }
  return { name, kind, url, processes: () => [{ name: 'server', pid: helper.pid }], stop };
}
