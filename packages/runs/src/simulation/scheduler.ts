/**
 * Virtual time, processes and what they do: routines that stop at every statement, so that anything may happen in between. The
 * scheduler takes the next one by its time; how long each thing takes, and how it goes wrong, comes from the choices.
 */
import type { Choices } from './choices.js';

/** What a routine waits for. */
export type Step =
  | { readonly is: 'sleep'; readonly ms: number }
  | { readonly is: 'park' }
  | {
      readonly is: 'statement';
      readonly name: string;
      readonly execute: () => unknown;
      readonly lock: string | null;
    };

/** What a process does, stopping at each step. */
export type Routine<T = void> = Generator<Step, T, unknown>;

/** Postgres did not answer: the statement may have been executed or not. */
export const UNANSWERED = new Error('Postgres did not answer.');

export const PARK: Step = { is: 'park' };
export const sleep = (ms: number): Step => ({ is: 'sleep', ms });

/**
 * One statement or transaction of Postgres, executed in one go.
 *
 * @param name for the story
 * @param lock what it locks: it waits for an earlier transaction with the same lock that is still under way
 * @throws UNANSWERED
 */
export function* ask<T>(name: string, execute: () => T, lock: string | null = null): Routine<T> {
  return (yield { is: 'statement', name, execute, lock }) as T;
}

/** Something that can die, freeze, or lose its way to Postgres. */
export class Process {
  alive = true;
  frozenUntil = 0;
  cutUntil = 0;
  readonly onDeath: (() => void)[] = [];
  /** Told of a disturbance of its heartbeat that is its own, not one of Postgres. */
  onTrouble: (until: number) => void = () => undefined;

  constructor(
    readonly name: string,
    /** What its wall clock is ahead of Postgres's, milliseconds. */
    readonly skew: number,
  ) {}
}

export class Task {
  readyAt = 0;
  order = 0;
  /** Set while a statement is on its way to Postgres. */
  statement: (Step & { is: 'statement' }) | null = null;
  answer: unknown = undefined;
  failure: Error | null = null;
  sleeping = false;
  /** A heartbeat: what disturbs it is a reason to take the process for dead. */
  isVital = false;
  place = 0;

  constructor(
    readonly process: Process,
    /** Null for a statement whose sender no longer waits for it. */
    readonly routine: Routine | null,
  ) {}
}

const LONGEST_DELAY_MS = 6_000;
/** After a pause Postgres answers within this time. */
const CATCH_UP_MS = 300;
const LATEST_ANSWER_MS = 12_000;
/** A statement has a lost or a late answer once in so many. */
const STATEMENT_FAULTS = 48;
const DISTURBANCES = [
  'a late answer',
  'no answer, though it is executed,',
  'no answer, before it is executed,',
  'no answer, and it is never executed,',
] as const;

export class Scheduler {
  now = 0;
  /** False when everything is let run to its end. */
  faults = true;
  postgres = { pausedUntil: 0, downUntil: 0 };
  /** Told what happens to single statements. */
  onDisturbance: (who: string, what: string) => void = () => undefined;
  readonly #tasks: Task[] = [];
  readonly #choices: Choices;
  #order = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  spawn(process: Process, routine: Routine, delayMs = 0): Task {
    const task = new Task(process, routine);
    this.#add(task, this.now + delayMs);
    return task;
  }

  /** Takes a routine away from its process. */
  stop(task: Task): void {
    if (this.#tasks[task.place] === task) this.#remove(task);
  }

  /** Ends a sleep or a park early. A statement under way is not ended. */
  wake(task: Task): void {
    if (task.sleeping) this.#at(task, this.now);
  }

  kill(process: Process): void {
    process.alive = false;
    for (const task of [...this.#tasks]) {
      if (task.process !== process) continue;
      const { statement } = task;
      this.#remove(task);
      // What was sent may still be executed.
      if (statement && this.#choices.next(2) === 1) {
        this.onDisturbance(process.name, `leaves "${statement.name}" behind, which is executed later`);
        this.#executeLate(process, statement);
      }
    }
    for (const listener of process.onDeath.splice(0)) listener();
  }

  /** Moves on while `goesOn`, up to the time `until`. */
  run(until: number, goesOn: () => boolean): void {
    while (goesOn()) {
      const task = this.#next();
      if (!task || task.readyAt > until) {
        this.now = Math.max(this.now, until);
        return;
      }
      if (task.readyAt > this.now) this.now = task.readyAt;
      if (task.statement) this.#execute(task, task.statement);
      else if (task.process.frozenUntil > this.now) this.#at(task, task.process.frozenUntil);
      else this.#resume(task);
    }
  }

  /** From here on nothing goes wrong: what hung goes on now. */
  stopFaults(): void {
    this.faults = false;
    this.postgres.pausedUntil = Math.min(this.postgres.pausedUntil, this.now);
    this.postgres.downUntil = Math.min(this.postgres.downUntil, this.now);
    for (const task of this.#tasks) {
      const { process } = task;
      const hangs =
        !task.sleeping || (process.frozenUntil > this.now && task.readyAt === process.frozenUntil);
      if (hangs && task.readyAt > this.now) this.#at(task, this.now);
    }
  }

  /** How long something takes. */
  delay(): number {
    if (!this.faults) return 1;
    const choice = this.#choices.next(64);
    if (choice < 60) return choice & 3;
    return choice < 63 ? this.#choices.next(200) : this.#choices.next(LONGEST_DELAY_MS);
  }

  #next(): Task | undefined {
    let next: Task | undefined;
    for (const task of this.#tasks) {
      if (
        !next ||
        task.readyAt < next.readyAt ||
        (task.readyAt === next.readyAt && task.order < next.order)
      ) {
        next = task;
      }
    }
    return next;
  }

  #resume(task: Task): void {
    const { routine } = task;
    if (!routine) {
      this.#remove(task);
      return;
    }
    const { answer, failure } = task;
    task.answer = undefined;
    task.failure = null;
    task.sleeping = false;
    const { done, value } = failure ? routine.throw(failure) : routine.next(answer);
    if (!task.process.alive) return;
    if (done) {
      this.#remove(task);
      return;
    }
    if (value.is === 'statement') {
      task.statement = value;
      this.#at(task, this.now + (task.isVital ? 1 : this.delay()));
    } else {
      task.sleeping = true;
      this.#at(task, value.is === 'park' ? Infinity : this.now + value.ms);
    }
  }

  #execute(task: Task, statement: Step & { is: 'statement' }): void {
    const { postgres, now } = this;
    if (postgres.pausedUntil > now) {
      // What has waited does not all come at once.
      this.#at(task, postgres.pausedUntil + (this.faults ? this.#choices.next(CATCH_UP_MS) : 0));
    } else if (!task.routine) {
      if (postgres.downUntil <= now) statement.execute();
      this.#remove(task);
    } else if (postgres.downUntil > now) {
      this.#fail(task, now + 1 + (task.isVital ? 0 : this.delay()));
    } else if (task.process.cutUntil > now) {
      this.#fail(task, now + 100 + this.delay());
      if (task.isVital) task.process.onTrouble(task.readyAt);
    } else {
      const late = statement.lock === null ? null : this.#lateOn(statement.lock);
      if (late) this.#at(task, late.readyAt);
      else if (this.faults && this.#choices.isRare(STATEMENT_FAULTS)) {
        this.#disturb(task, statement);
        if (task.isVital) task.process.onTrouble(task.readyAt);
      } else this.#answer(task, statement.execute());
    }
  }

  /** The four ways in which an answer is lost, or comes late. */
  #disturb(task: Task, statement: Step & { is: 'statement' }): void {
    const kind = this.#choices.next(4);
    const { name } = task.process;
    this.onDisturbance(name, `gets ${DISTURBANCES[kind]} to "${statement.name}"`);
    if (kind === 0) {
      task.answer = statement.execute();
      task.statement = null;
      this.#at(task, this.now + this.#choices.next(LATEST_ANSWER_MS));
      return;
    }
    if (kind === 1) statement.execute();
    else if (kind === 2) this.#executeLate(task.process, statement);
    this.#fail(task, this.now + this.delay());
  }

  #answer(task: Task, answer: unknown): void {
    task.statement = null;
    task.answer = answer;
    // Most answers come at once: a step saved.
    const delay = this.faults && !task.isVital && this.#choices.isRare(8) ? this.delay() : 0;
    if (delay > 0) this.#at(task, this.now + delay);
    else if (task.process.frozenUntil > this.now) this.#at(task, task.process.frozenUntil);
    else if (task.process.alive) this.#resume(task);
  }

  #fail(task: Task, at: number): void {
    task.statement = null;
    task.failure = UNANSWERED;
    this.#at(task, at);
  }

  #executeLate(process: Process, statement: Step & { is: 'statement' }): void {
    const task = new Task(process, null);
    task.statement = statement;
    this.#add(task, this.now + this.#choices.next(1_000));
  }

  #lateOn(lock: string): Task | undefined {
    return this.#tasks.find((task) => !task.routine && task.statement?.lock === lock);
  }

  #at(task: Task, time: number): void {
    task.readyAt = time;
    task.order = this.#order += 1;
  }

  #add(task: Task, time: number): void {
    this.#at(task, time);
    task.place = this.#tasks.push(task) - 1;
  }

  #remove(task: Task): void {
    const last = this.#tasks.pop();
    if (!last || last === task) return;
    this.#tasks[task.place] = last;
    last.place = task.place;
  }
}
