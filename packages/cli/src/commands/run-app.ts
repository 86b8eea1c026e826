/**
 * One process of the system in the foreground, as the images run it: `longrun worker` and `longrun sweep`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { childEnvironment, type Environment } from '../config/environment.js';
import { appScript } from '../start/apps.js';
import { StopRequest } from '../start/stop-request.js';

/** Exit code when somebody insisted. Source: 128 + SIGINT, as shells count. */
const KILLED = 130;

/**
 * Runs it until it ends. The first signal lets it stop in its own way, the second kills it; it also stops when this process is killed.
 *
 * @param app folder below `apps/`
 * @returns its exit code; 1 when it was killed by somebody else
 */
export async function runApp(
  app: 'worker' | 'sweeper',
  args: readonly string[],
  environment: Environment,
  changes: Readonly<Record<string, string>> = {},
): Promise<number> {
  const stop = new StopRequest();
  // Its own process group: Ctrl-C in a terminal reaches it through us alone.
  const child = spawn(process.execPath, ['--enable-source-maps', appScript(app, environment), ...args], {
    env: childEnvironment(changes),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  let isKilled = false;
  void stop.requested.then(() => child.kill('SIGTERM'));
  void stop.insisted.then(() => {
    isKilled = child.kill('SIGKILL');
  });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? (isKilled ? KILLED : 1);
  } finally {
    stop.dispose();
  }
}
