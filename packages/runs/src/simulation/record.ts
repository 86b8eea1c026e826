/**
 * Postgres in memory: the rows of runs, threads, events, checkpoints and workers, and the invariants that each write has to keep.
 * Statements are the other files named `*-statements.ts`; each is executed in one go.
 */
import { isTerminalRunStatus } from '@longrun/contracts';
import { isBlockedBy, type RunInThread } from '../run-store/transitions/blocked.js';
import { assignments, isAllowed } from '../run-store/transitions/evaluate.js';
import type { RunColumns, TransitionArguments } from '../run-store/transitions/expression.js';
import { RUN_TRANSITIONS, type RunTransition } from '../run-store/transitions/run-transitions.js';
import type { Protections } from './protections.js';
import type { Process, Scheduler } from './scheduler.js';

/** One event. The same object in the log, on its way and at a reader is the same event. */
export interface SimEvent {
  readonly what: 'metadata' | 'values' | 'end';
  /** The claim that wrote it; 0 for an end written by api or sweeper. */
  readonly claim: number;
}

export interface Numbered {
  readonly seq: number;
  readonly event: SimEvent;
}

interface SimCheckpoint {
  readonly step: number;
  /** Of the clock of the worker that made it. */
  readonly madeAt: number;
}

export interface SimRun extends RunColumns, RunInThread {
  readonly log: SimEvent[];
  readonly checkpoints: SimCheckpoint[];
  /** The request of the client that made it. */
  readonly request: number;
  readonly isPoison: boolean;
  /** Number of the claim that holds it: the truth about who may write, whatever the attempt says. */
  claim: number;
  claimedAt: number;
  holder: SimWorkerProcess | null;
}

/** A worker as the invariants see it. */
export interface SimWorkerProcess extends Process {
  readonly workerId: string;
  /** Until when something explains that it is taken for dead. */
  disturbedUntil: number;
  /** Until when a session that it lost explains that its lock is free. */
  sessionLostUntil: number;
  /** It ended because it was asked to. */
  hasStopped: boolean;
}

export interface WorkerRow {
  readonly workerId: string;
  readonly lockKey: number;
  beat: number;
  lockHeld: boolean;
}

export interface Violation {
  readonly invariant: string;
  readonly message: string;
}

export class Record {
  readonly runs: SimRun[] = [];
  readonly workers = new Map<string, WorkerRow>();
  /** Sessions that hold the advisory lock, by its key. */
  readonly locks = new Map<number, number>();
  postmasterStart = 1;
  nextLockKey = 1;
  nextBeat = 0;
  claims = 0;
  /** Runs that are not terminal. */
  active = 0;
  violation: Violation | null = null;
  /** What happened, when somebody wants to know. */
  story: string[] | null = null;

  constructor(
    readonly scheduler: Scheduler,
    readonly protections: Readonly<Protections>,
  ) {
    scheduler.onDisturbance = (who, what) => this.tell(who, what);
  }

  get now(): number {
    return this.scheduler.now;
  }

  tell(who: string, what: string): void {
    if (!this.story) return;
    this.story.push(`${String(this.now).padStart(6)} ms  ${who.padEnd(10)} ${what}`);
  }

  violate(invariant: string, message: string): void {
    if (this.violation) return;
    this.violation = { invariant, message };
    this.tell('!', `${invariant}: ${message}`);
  }

  find(runId: string): SimRun | undefined {
    for (const run of this.runs) if (run.run_id === runId) return run;
    return undefined;
  }

  isAllowed(name: RunTransition, run: SimRun, given: Partial<TransitionArguments>): boolean {
    return isAllowed(RUN_TRANSITIONS[name], { row: run, arguments: given, now: this.now });
  }

  /** Makes the transition if the table allows it. */
  change(name: RunTransition, run: SimRun, given: Partial<TransitionArguments>): boolean {
    if (!this.isAllowed(name, run, given)) return false;
    const before = run.status;
    Object.assign(run, assignments(RUN_TRANSITIONS[name], { row: run, arguments: given, now: this.now }));
    if (isTerminalRunStatus(before)) this.violate('I1', `${run.run_id} left the status ${before}`);
    if (run.status !== before) this.#statusChanged(run);
    return true;
  }

  insert(run: SimRun): void {
    this.runs.push(run);
    this.active += 1;
  }

  isBlocked(run: SimRun): boolean {
    for (const other of this.runs) if (isBlockedBy(run, other, this.now)) return true;
    return false;
  }

  /** An index lets one run of a thread be running. */
  hasRunning(threadId: string, except: SimRun | null): boolean {
    for (const run of this.runs) {
      if (run !== except && run.thread_id === threadId && run.status === 'running') return true;
    }
    return false;
  }

  /** A write of `claim` that is about to change something. */
  checkWriter(run: SimRun, claim: number, what: string): void {
    if (run.status !== 'running') {
      this.violate('I4', `${what} of claim ${claim} was written to ${run.run_id}, which is ${run.status}`);
    } else if (run.claim !== claim) {
      this.violate(
        'I4',
        `${what} of claim ${claim} was written to ${run.run_id}, which claim ${run.claim} holds`,
      );
    }
  }

  #statusChanged(run: SimRun): void {
    if (run.status === 'running') {
      if (this.hasRunning(run.thread_id, run)) this.violate('I5', `two runs of ${run.thread_id} are running`);
      return;
    }
    if (!isTerminalRunStatus(run.status)) return;
    this.active -= 1;
  }
}
