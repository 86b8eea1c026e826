/**
 * The worker's side of one process that executes suspect runs: starts it, has it execute, ends it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LongrunError, type RunEvent } from '@longrun/contracts';

import { GraphProcessDied, type ExecuteArguments, type ExecutedRun, type RunEnd } from '@longrun/runs';
import { currentTraceparent } from '@longrun/telemetry';
import {
  EVENT_WINDOW,
  type FromIsolated,
  type IsolationSettings,
  type ToIsolated,
} from './isolation-messages.js';

const PROCESS_FILE = fileURLToPath(new URL('./isolated-run.process.js', import.meta.url));

/** What is put to the attempt under way. */
type Incoming = FromIsolated | { type: 'died'; how: string };

export class IsolatedProcess {
  /** When it is gone and all that it said was heard. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  #death: { type: 'died'; how: string } | undefined;
  #receive: ((message: Incoming) => void) | undefined;

  constructor(settings: IsolationSettings) {
    this.#child = fork(PROCESS_FILE, [], {
      execArgv: ['--enable-source-maps'],
      // Events hold what JSON cannot tell apart, such as undefined.
      serialization: 'advanced',
      // The last is the lifeline: LIFELINE_FD.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    // One that cannot be started is told of by `exited`.
    this.#child.on('error', () => undefined);
    this.#child.on('message', (message: FromIsolated) => this.#receive?.(message));
    this.exited = this.#watch().then((how) => {
      this.#death = { type: 'died', how };
      this.#receive?.(this.#death);
    });
    this.#send({ type: 'start', settings });
  }

  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /**
   * Executes one attempt; one at a time.
   *
   * @returns how the graph ended; null when it stopped between two steps because it is no suspect any more
   * @throws the reason of the signal, GraphProcessDied, LongrunError RUN_FENCED
   */
  async *execute(args: ExecuteArguments): AsyncGenerator<RunEvent, ExecutedRun | null> {
    const { run, signal, cancelGraceMs } = args;
    const inbox: Incoming[] = this.#death ? [this.#death] : [];
    let wake: (() => void) | undefined;
    const onAbort = (): void => wake?.();
    const receive = (message: Incoming): void => {
      if (message.type === 'may-write?') this.#answerWrite(args);
      else if (message.type === 'progress') args.onProgress();
      else inbox.push(message);
      wake?.();
    };
    this.#receive = receive;
    signal.addEventListener('abort', onAbort);
    this.#send({ type: 'execute', run, cancelGraceMs, traceparent: currentTraceparent() });
    let taken = 0;
    try {
      for (;;) {
        signal.throwIfAborted();
        const message = inbox.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
        } else if (message.type === 'event') {
          yield message.event;
          taken += 1;
          if (taken === EVENT_WINDOW / 2) {
            this.#send({ type: 'taken', count: taken });
            taken = 0;
          }
        } else if (message.type === 'executed') return message.executed;
        else if (message.type === 'drained') return null;
        else if (message.type === 'died') throw new GraphProcessDied(message.how);
        else if (message.type === 'failed') throw failureOf(message);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      // By now `end` may listen.
      if (this.#receive === receive) this.#receive = undefined;
    }
  }

  /**
   * Ends the attempt under way, and the process with it: who knows what its graph goes on doing.
   *
   * @param args those of the attempt
   * @returns the thread as the process read it, if it still could within the time that a cancel has
   */
  async end(args: ExecuteArguments): Promise<RunEnd['thread'] | null> {
    const ended = new Promise<RunEnd['thread'] | null>((resolve) => {
      this.#receive = (message) => {
        if (message.type === 'may-write?') this.#answerWrite(args);
        if (message.type === 'ended') resolve(message.thread);
        if (message.type === 'died') resolve(null);
      };
    });
    const timer = setTimeout(() => this.kill(), args.cancelGraceMs);
    this.#send({ type: 'end' });
    if (this.#death) return null;
    const thread = await ended;
    clearTimeout(timer);
    this.kill();
    return thread;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #watch(): Promise<string> {
    const child = this.#child;
    // What it said before it died may be heard after its death.
    const unheard = new Promise<void>((resolve) => child.once('disconnect', () => resolve()));
    const [code, signal] = (await once(child, 'exit').catch((error: unknown) => [error, null])) as [
      unknown,
      string | null,
    ];
    if (child.connected) await unheard;
    if (signal) return `signal ${signal}`;
    return code instanceof Error ? code.message : `exit code ${String(code)}`;
  }

  #answerWrite({ beforeWrite }: ExecuteArguments): void {
    // When it is refused, the attempt is ended too.
    beforeWrite()
      .then(() => this.#send({ type: 'may-write' }))
      .catch(() => undefined);
  }

  #send(message: ToIsolated): void {
    // A process that is gone is told of by its exit.
    this.#child.send(message, () => undefined);
  }
}

function failureOf({ error, code }: Extract<FromIsolated, { type: 'failed' }>): Error {
  if (code !== null) return new LongrunError(code, error.message);
  return Object.assign(new Error(error.message), { name: error.error });
}
