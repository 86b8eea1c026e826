/**
 * One process of the stack: started, awaited until it says that it is ready, and stopped in an orderly way.
 */
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

import { endProcess, identify, lastLines, openLog } from '@longrun/local-services';

/** Longest start of an app. */
const READY_LIMIT_MS = 120_000;

/** What to start. */
export interface AppSpec {
  /** For messages and for the log's name. */
  readonly name: string;
  /** The script to run. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Also gets every line that it prints. */
  readonly onLine: ((line: string) => void) | undefined;
  /** How long it may take to stop before it is killed. */
  readonly stopLimitMs: number;
  /** Told the pid as soon as there is one. */
  onSpawn(pid: number): void;
}

/** What an app says when it is ready. */
interface ReadyMessage {
  readonly type: 'ready';
  /** Where it listens: an api for everything, the others for health and metrics. */
  readonly url?: string;
  /** Id of a worker. */
  readonly id?: string;
}

/** A process that is ready. */
export interface AppProcess {
  readonly pid: number;
  readonly message: ReadyMessage;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an app and waits until it is ready.
 *
 * @throws Error when it ends before, or takes too long; the message has the last lines of its log
 */
export async function startApp(spec: AppSpec, signal: AbortSignal): Promise<AppProcess> {
  signal.throwIfAborted();
  const log = openLog(spec.logFile);
  const { onLine } = spec;
  const output = onLine === undefined ? log : 'pipe';
  // The IPC channel tells the app when we are gone, however that came about. Its own process group: Ctrl-C in a
  // terminal reaches us alone, and we decide who stops when.
  const child = spawn(process.execPath, ['--enable-source-maps', spec.script], {
    env: spec.env,
    stdio: ['ignore', output, output, 'ipc'],
    detached: true,
  });
  if (onLine === undefined) closeSync(log);
  else {
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) split(stream, log, onLine);
    child.once('close', () => {
      closeSync(log);
    });
  }

  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity !== undefined) spec.onSpawn(identity.pid);
  const stop = async (): Promise<void> => {
    if (identity !== undefined) await endProcess(identity, [['SIGTERM', spec.stopLimitMs]]);
    await exited;
  };
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    const message = await new Promise<ReadyMessage>((resolve, reject) => {
      child.on('message', (received: unknown) => {
        if (isReady(received)) resolve(received);
      });
      void exited.then(() => {
        reject(new Error(`${spec.name} ended before it was ready:\n${lastLines(spec.logFile)}`));
      });
      timer = setTimeout(() => {
        const late = `${spec.name} was not ready within ${String(READY_LIMIT_MS / 1_000)} s`;
        reject(new Error(`${late}:\n${lastLines(spec.logFile)}`));
      }, READY_LIMIT_MS);
      abort = () => {
        reject(new Error(`${spec.name} was stopped while it started.`));
      };
      signal.addEventListener('abort', abort, { once: true });
    });
    if (identity === undefined) throw new Error(`${spec.name} ended at once.`);
    return { pid: identity.pid, message, exited, stop };
  } catch (error) {
    if (identity !== undefined) await endProcess(identity, [['SIGTERM', 1_000]]);
    throw error;
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

/** Writes everything to the log, and passes it on line by line. */
function split(stream: Readable, log: number, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    writeSync(log, text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
