/**
 * The real system for a test: `longrun start` as a process, in a data directory of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { stackFile } from '@longrun/cli';
import type { Stack } from '@longrun/cli';
import { identify, makeTemporaryDataDir, signalIfAlive } from '@longrun/local-services';
import { createEmptyDatabase, findTestRedisServer, waitUntil } from '@longrun/testing';
import type { TestDatabase, WaitOptions } from '@longrun/testing';

import { cliFolder, stackEnvironment } from './environment.js';

/** What to start. */
export interface TestStackOptions {
  /** Absolute path of a langgraph.json. */
  readonly configPath: string;
  readonly apis?: number;
  readonly workers?: number;
  readonly sweepers?: number;
  /** Default stack. */
  readonly mode?: 'stack' | 'single';
  /** Start again what dies. Default true. */
  readonly restart?: boolean;
  /** A Postgres of its own, for tests that stop it or freeze it. Default: a fresh database in the shared one. */
  readonly ownPostgres?: boolean;
  /** Given to every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Use this database instead, and leave it when the stack stops. */
  readonly databaseUrl?: string;
  /** Use this Redis instead of one of its own. */
  readonly redisUrl?: string;
}

/** A running system. */
export interface TestStack {
  /** As it was when it became ready. */
  readonly info: Stack;
  /** URL of the first api. */
  readonly url: string;
  readonly dataDir: string;
  /** As it is now: processes that died have new pids. */
  readStack(): Stack;
  /** Waits until stack.json says what is expected, and returns it. */
  waitForStack(condition: (stack: Stack) => boolean, options?: WaitOptions): Promise<Stack>;
  /** Sends a signal to a process of the stack; nothing happens when it is gone. */
  kill(pid: number, signal?: NodeJS.Signals): void;
  /** Everything that `start` has printed, and the log of a process (`api-0`, `worker-1`, …). */
  output(): string;
  log(name: string): string;
  /** Stops everything in an orderly way, and removes the data. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a system and waits until it is ready.
 *
 * @throws Error when it does not come up; the message has what it printed
 */
export async function startTestStack(options: TestStackOptions): Promise<TestStack> {
  const dataDir = makeTemporaryDataDir('longrun-test-stack-');
  const database = await chooseDatabase(options);
  const databaseUrl = options.databaseUrl ?? database?.url;
  const child = spawn(
    process.execPath,
    [join(cliFolder(), 'main.js'), 'start', ...startArguments(options, dataDir)],
    {
      env: stackEnvironment({
        REDIS_SERVER_BIN: await findTestRedisServer(),
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
        ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
        ...options.env,
      }),
      // The channel ends the stack when the process of the test dies.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The start of the stack has no output.');
  let printed = '';
  let ready = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  stdout.setEncoding('utf8').on('data', (text: string) => (ready += text));
  const ended = once(child, 'close').then(() => undefined);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };

  let info: Stack;
  try {
    info = await new Promise<Stack>((resolve, reject) => {
      stdout.on('data', () => {
        if (ready.includes('\n')) resolve(JSON.parse(ready) as Stack);
      });
      void ended.then(() => {
        reject(new Error(`The stack did not start:\n${printed}`));
      });
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const readStack = (): Stack => JSON.parse(readFileSync(stackFile(dataDir), 'utf8')) as Stack;
  return {
    info,
    url: info.apis[0]?.url ?? '',
    dataDir,
    readStack,
    waitForStack: (condition, wait) =>
      waitUntil(
        () => {
          const stack = readStack();
          return condition(stack) ? stack : undefined;
        },
        { message: 'stack.json to change', ...wait },
      ),
    kill: (pid, signal = 'SIGKILL') => {
      const identity = identify(pid);
      if (identity !== undefined) signalIfAlive(identity, signal);
    },
    output: () => printed,
    log: (name) => readFileSync(join(dataDir, 'logs', `${name}.log`), 'utf8'),
    stop: () => (stopping ??= stop()),
  };
}

async function chooseDatabase(options: TestStackOptions): Promise<TestDatabase | undefined> {
  if (options.ownPostgres === true || options.databaseUrl !== undefined) return undefined;
  return createEmptyDatabase();
}

function startArguments(options: TestStackOptions, dataDir: string): string[] {
  const { mode = 'stack', apis, workers, sweepers } = options;
  const counts = Object.entries({ apis, workers, sweepers }).filter(([, n]) => n !== undefined);
  return [
    ...['--json', '--port', '0', '--mode', mode, '--config', options.configPath, '--data-dir', dataDir],
    ...(mode === 'single' ? [] : counts.flatMap(([name, n]) => [`--${name}`, String(n)])),
    ...(options.restart === false ? ['--no-restart'] : []),
  ];
}
