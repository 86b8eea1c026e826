/**
 * A worker: its heartbeat, what it executes, and how it stops. Follows `liveness/heartbeat.thread.ts` and
 * `execution/run-executor.ts`.
 */
import { HEARTBEAT_DOUBT_MS, HEARTBEAT_GIVE_UP_MS, HEARTBEAT_INTERVAL_MS } from '@longrun/contracts';
import { SimAttempt } from './attempt.js';
import { SimEventWriter } from './event-writer.js';
import type { SimWorkerProcess } from './record.js';
import { claim, finish, giveBack, waitingRuns } from './run-statements.js';
import { ask, Process, sleep, UNANSWERED, type Routine, type Task } from './scheduler.js';
import { register, renew, takeLock, type SimHeld } from './worker-statements.js';
import type { World } from './world.js';

const RETRY_MS = 100;
const LOCK_TRIES = 5;
const ORPHAN_AFTER_MS = 3_000;
const POLL_MS = 500;
/** How long Postgres keeps a session whose client is cut off without a word. */
const SILENT_SESSION_MS = 20_000;
/** After a disturbance a worker may still be judged for it this long. */
const AFTERMATH_MS = 1_500;

export class SimWorker extends Process implements SimWorkerProcess {
  readonly workerId: string;
  disturbedUntil = -1;
  sessionLostUntil = -1;
  /** Postgres does not notice that the worker is cut off. */
  cutIsSilent = false;
  hasStopped = false;
  readonly writer: SimEventWriter;
  readonly #attempts = new Map<string, SimAttempt>();
  readonly #orphans = new Map<string, number>();
  /** Number of the heartbeat's session; 0 for none. */
  #session = 0;
  #lockKey = 0;
  #confirmedAt = -Infinity;
  #draining = false;
  #stopping = false;
  #heartbeat: Task | null = null;

  constructor(
    private readonly world: World,
    skew: number,
  ) {
    const id = world.nextId();
    super(`worker${id}`, skew);
    this.workerId = `w${id}`;
    this.writer = new SimEventWriter(world);
  }

  start(): void {
    const { scheduler } = this.world;
    this.writer.task = scheduler.spawn(this, this.writer.run());
    this.onTrouble = (until) => this.disturb(until);
    this.#heartbeat = scheduler.spawn(this, this.#beat());
    this.#heartbeat.isVital = true;
    if (!this.world.redis.isUp) this.pollPostgres();
  }

  /** False while the worker may be taken for dead. */
  get isConfirmed(): boolean {
    return this.world.now - this.#confirmedAt < HEARTBEAT_DOUBT_MS;
  }

  /** Something from outside explains a verdict from here on. */
  disturb(until: number): void {
    this.disturbedUntil = Math.max(this.disturbedUntil, until + AFTERMATH_MS);
  }

  /** The connection of the heartbeat is gone; Postgres notices after `ms`. */
  loseSession(ms: number): void {
    const { record, scheduler, outside } = this.world;
    const session = this.#session;
    const lockKey = this.#lockKey;
    this.#session = 0;
    this.sessionLostUntil = Infinity;
    if (session === 0) return;
    scheduler.spawn(
      outside,
      (function* (): Routine {
        yield sleep(ms);
        if (record.locks.get(lockKey) === session) record.locks.delete(lockKey);
      })(),
    );
  }

  /** Runs that are being executed. */
  get activeCount(): number {
    return this.#attempts.size;
  }

  /** A message of the queue, or a run found without it. */
  wakeFor(runId: string): void {
    if (this.#draining || !this.isConfirmed) return;
    this.world.scheduler.spawn(this, this.#process(runId));
  }

  cancel(runId: string, attempt: number): void {
    const active = this.#attempts.get(runId);
    if (active?.claim.attempt === attempt) active.end('cancelled');
  }

  forget(attempt: SimAttempt): void {
    const { runId } = attempt.claim;
    if (this.#attempts.get(runId) === attempt) this.#attempts.delete(runId);
  }

  /** Asked to stop: after the grace the runs go back, then the process ends. */
  *drain(graceMs: number): Routine {
    this.#draining = true;
    this.world.record.tell(this.name, 'is asked to stop');
    yield sleep(graceMs);
    for (const attempt of this.#attempts.values()) attempt.end('released');
    while (this.#attempts.size > 0) yield sleep(50);
    // A claim may still be under way. The heartbeat takes its leave.
    this.#stopping = true;
    this.disturb(Infinity);
    if (this.#heartbeat) this.world.scheduler.wake(this.#heartbeat);
  }

  /** What it executes has killed it. */
  die(): void {
    this.world.record.tell(this.name, 'is killed by what it executes');
    this.loseSession(0);
    this.world.scheduler.kill(this);
  }

  /** While the queue is away runs come straight from Postgres. */
  pollPostgres(): void {
    this.world.scheduler.spawn(this, this.#poll());
  }

  *#poll(): Routine {
    const { record, redis } = this.world;
    while (!redis.isUp) {
      try {
        for (const runId of yield* ask('waitingRuns', () => waitingRuns(record))) this.wakeFor(runId);
      } catch (error) {
        if (error !== UNANSWERED) throw error;
      }
      yield sleep(POLL_MS);
    }
  }

  *#process(runId: string): Routine {
    const { record } = this.world;
    try {
      const claimed = yield* ask('claim', () => claim(record, runId, this));
      if (!claimed) return;
      const attempt = new SimAttempt(claimed, this, this.world);
      this.#attempts.set(runId, attempt);
      if (this.#draining) attempt.end('released');
      attempt.task = this.world.scheduler.spawn(this, attempt.run());
    } catch (error) {
      // The claim may stand: it is found as an orphan, or rescued.
      if (error !== UNANSWERED) throw error;
    }
  }

  *#beat(): Routine {
    const { record } = this.world;
    while (!this.#stopping) {
      const startedAt = this.world.now;
      try {
        if (this.#session === 0) yield* this.#openSession();
        const session = this.#session;
        let held = yield* ask('renew', () => renew(record, this, session));
        if (!held) {
          yield* this.#register(session);
          held = yield* ask('renew', () => renew(record, this, session));
        }
        if (session !== this.#session) continue;
        this.#hear(held ?? [], startedAt);
        yield sleep(Math.max(0, HEARTBEAT_INTERVAL_MS - (this.world.now - startedAt)));
      } catch (error) {
        if (error !== UNANSWERED) throw error;
        this.#sessionBroke();
        yield sleep(RETRY_MS);
      }
    }
    try {
      yield* ask('deregister', () => record.workers.delete(this.workerId));
      this.hasStopped = true;
    } catch (error) {
      if (error !== UNANSWERED) throw error;
    }
    record.tell(this.name, 'stops');
    this.loseSession(0);
    this.world.scheduler.kill(this);
  }

  /** A statement of the heartbeat had no answer: the session is replaced. */
  #sessionBroke(): void {
    this.loseSession(this.cutIsSilent && this.cutUntil > this.world.now ? SILENT_SESSION_MS : 0);
    if (this.world.now - this.#confirmedAt < HEARTBEAT_GIVE_UP_MS) return;
    for (const attempt of this.#attempts.values()) attempt.end('given-up');
  }

  *#openSession(): Routine {
    const session = this.world.nextId();
    yield* this.#register(session);
    this.#session = session;
  }

  *#register(session: number): Routine {
    const { record } = this.world;
    const lockKey = yield* ask('register', () => register(record, this));
    this.#lockKey = lockKey;
    for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
      if (yield* ask('takeLock', () => takeLock(record, lockKey, session))) return;
      yield sleep(RETRY_MS);
    }
  }

  #hear(held: readonly SimHeld[], sentAt: number): void {
    this.#confirmedAt = sentAt;
    this.sessionLostUntil = Math.min(this.sessionLostUntil, this.world.now + AFTERMATH_MS);
    const seen = new Set<string>();
    for (const { runId, attempt, cancelled } of held) {
      if (cancelled) this.cancel(runId, attempt);
      if (this.#attempts.get(runId)?.claim.attempt === attempt) continue;
      const key = `${runId}/${attempt}`;
      seen.add(key);
      const since = this.#orphans.get(key) ?? this.world.now;
      this.#orphans.set(key, since);
      if (this.world.now - since < ORPHAN_AFTER_MS || !this.world.protections.orphansAreGivenBack) continue;
      this.#orphans.delete(key);
      this.world.scheduler.spawn(this, this.#giveBack(runId, attempt, cancelled));
    }
    for (const key of this.#orphans.keys()) if (!seen.has(key)) this.#orphans.delete(key);
    for (const [runId, attempt] of this.#attempts) {
      if (!held.some((run) => run.runId === runId)) {
        this.world.scheduler.spawn(this, this.#checkHeld(attempt));
      }
    }
  }

  *#checkHeld(attempt: SimAttempt): Routine {
    const { record } = this.world;
    const { runId, attempt: number } = attempt.claim;
    try {
      const isHeld = yield* ask('holds', () => {
        const run = record.find(runId);
        return run?.status === 'running' && run.attempt === number;
      });
      if (!isHeld) attempt.end('fenced');
    } catch (error) {
      if (error !== UNANSWERED) throw error;
    }
  }

  *#giveBack(runId: string, attempt: number, cancelled: boolean): Routine {
    const { record, redis } = this.world;
    record.tell(this.name, `gives ${runId} back, which it holds and does not execute`);
    try {
      if (cancelled) {
        const by = { name: this.name, claim: 0 };
        const finished = yield* ask('finish', () => finish(record, runId, attempt, 'interrupted', by));
        if (finished) redis.publish(runId, finished.events);
        if (finished) redis.enqueue(finished.next);
      } else {
        const dispatches = yield* ask('release', () => giveBack(record, 'release', { runId, attempt }, 0));
        if (dispatches) redis.enqueue(dispatches);
      }
    } catch (error) {
      // Seen again at the next heartbeat.
      if (error !== UNANSWERED) throw error;
    }
  }
}
