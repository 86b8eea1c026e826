/**
 * The main thread's side of a worker's heartbeat: whether its liveness is confirmed, and what the renewal brought.
 */
import { EventEmitter, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  HEARTBEAT_DOUBT_MS,
  HEARTBEAT_GIVE_UP_MS,
  HEARTBEAT_INTERVAL_MS,
  JOB_TIMEOUT_SECONDS,
  TEMPORARY_THREAD_SECONDS,
} from '@longrun/contracts';
import type pg from 'pg';
import {
  CONFIRMED_AT,
  LOOP_TURNED_AT,
  sharedNow,
  type FromThread,
  type HeartbeatThreadData,
  type HeldRun,
  type ToThread,
} from './heartbeat-messages.js';

export interface HeartbeatOptions {
  /** Settings of the session; its URL must not lead through a transaction pooler (DATABASE_DIRECT_URL). */
  session: pg.ClientConfig;
  workerId: string;
  graphIds: readonly string[];
  /** Default 1,000. */
  intervalMs?: number;
  /** Silence of the main loop after which overdue runs are ended from outside. Default 60,000. */
  silentLoopMs?: number;
  /** Longest run. Default 3,600 s. */
  jobTimeoutMs?: number;
  temporaryThreadSeconds?: number;
}

interface HeartbeatEvents {
  /** The runs that Postgres says this worker holds, with every renewal. */
  held: [runs: readonly HeldRun[]];
  /** Renewals are confirmed again after a doubt, or the worker had been judged dead: look whether the runs are still held. */
  regained: [];
  /** No renewal for 60 s: the runs are somebody else's by now. */
  lost: [];
  renewed: [];
  /** No renewal was confirmed for 8 s. */
  doubted: [];
}

const LOOP_TURN_MS = 500;

export class Heartbeat {
  readonly #times = new Float64Array(new SharedArrayBuffer(16));
  readonly #events = new EventEmitter<HeartbeatEvents>();
  readonly #options: HeartbeatOptions;
  #thread: Worker | undefined;
  #loopTimer: NodeJS.Timeout | undefined;
  #wasInDoubt = false;
  #wasLost = false;
  #sweeperSeen = true;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    // One listener per run that waits for a renewal.
    this.#events.setMaxListeners(0);
  }

  get workerId(): string {
    return this.#options.workerId;
  }

  /** Whether a sweeper was at work at the last renewal. */
  get sweeperSeen(): boolean {
    return this.#sweeperSeen;
  }

  /** Milliseconds since the last confirmed renewal was sent. */
  get unconfirmedMs(): number {
    return sharedNow() - (this.#times[CONFIRMED_AT] ?? 0);
  }

  /** False while the worker may be taken for dead: it then claims nothing and starts no further step. */
  get isConfirmed(): boolean {
    return this.unconfirmedMs < HEARTBEAT_DOUBT_MS;
  }

  on<Name extends keyof HeartbeatEvents>(
    name: Name,
    listener: (...args: HeartbeatEvents[Name]) => void,
  ): () => void {
    const untyped = listener as (...args: unknown[]) => void;
    this.#events.on(name, untyped as never);
    return () => this.#events.off(name, untyped as never);
  }

  /** Starts the thread; resolves with the first confirmed renewal. */
  async start(): Promise<void> {
    const data: HeartbeatThreadData = {
      session: this.#options.session,
      workerId: this.#options.workerId,
      graphIds: [...this.#options.graphIds],
      intervalMs: this.#options.intervalMs ?? HEARTBEAT_INTERVAL_MS,
      silentLoopMs: this.#options.silentLoopMs ?? 60_000,
      jobTimeoutMs: this.#options.jobTimeoutMs ?? JOB_TIMEOUT_SECONDS * 1_000,
      temporaryThreadSeconds: this.#options.temporaryThreadSeconds ?? TEMPORARY_THREAD_SECONDS,
      times: this.#times.buffer,
    };
    this.#turnLoop();
    this.#loopTimer = setInterval(() => this.#turnLoop(), LOOP_TURN_MS);
    this.#loopTimer.unref();
    this.#thread = new Worker(new URL('./heartbeat.thread.js', import.meta.url), {
      workerData: data,
      execArgv: [],
    });
    this.#thread.on('message', (message: FromThread) => this.#hear(message));
    const first = once(this.#events, 'renewed');
    const failed = once(this.#thread, 'error').then(([error]: unknown[]) => {
      throw error;
    });
    failed.catch(() => undefined);
    await Promise.race([first, failed]);
    // A thread that dies later stops the heartbeat, and with it this process's right to its runs.
    this.#thread.on('error', (error) => {
      throw error;
    });
  }

  /** Resolves at once, or when a renewal is confirmed again. Rejects when that would have to be waited for after the signal. */
  async whenConfirmed(signal: AbortSignal): Promise<void> {
    while (!this.isConfirmed) await once(this.#events, 'renewed', { signal });
  }

  setState(state: 'active' | 'draining'): void {
    this.#thread?.postMessage({ type: 'state', state } satisfies ToThread);
  }

  /** Deletes the worker's row and ends the session. Call it when no run is held any more. */
  async stop(): Promise<void> {
    clearInterval(this.#loopTimer);
    const thread = this.#thread;
    this.#thread = undefined;
    if (!thread) return;
    thread.removeAllListeners('error');
    thread.on('error', () => undefined);
    const exited = once(thread, 'exit');
    thread.postMessage({ type: 'stop' } satisfies ToThread);
    const timer = setTimeout(() => void thread.terminate(), 2_000);
    await exited;
    clearTimeout(timer);
  }

  #turnLoop(): void {
    this.#times[LOOP_TURNED_AT] = sharedNow();
    if ((this.#times[CONFIRMED_AT] ?? 0) === 0) return;
    const unconfirmedMs = this.unconfirmedMs;
    if (unconfirmedMs >= HEARTBEAT_DOUBT_MS && !this.#wasInDoubt) {
      this.#wasInDoubt = true;
      this.#events.emit('doubted');
    }
    if (unconfirmedMs >= HEARTBEAT_GIVE_UP_MS && !this.#wasLost) {
      this.#wasLost = true;
      this.#events.emit('lost');
    }
  }

  #hear(message: FromThread): void {
    if (message.type !== 'renewed') return;
    this.#sweeperSeen = message.sweeperSeen;
    if (this.#wasInDoubt || message.wasForgotten) {
      this.#wasInDoubt = false;
      this.#wasLost = false;
      this.#events.emit('regained');
    }
    this.#events.emit('renewed');
    this.#events.emit('held', message.held);
  }
}
