/**
 * The statements of the run store, on the record in memory. Who may do what is decided by the table of transitions; this file does
 * what the statements in `run-store/sql` do besides.
 */
import { REDISPATCH_AFTER_MS, isTerminalRunStatus, type TerminalRunStatus } from '@longrun/contracts';
import { assignments } from '../run-store/transitions/evaluate.js';
import { endStatus, RUN_TRANSITIONS } from '../run-store/transitions/run-transitions.js';
import type { Numbered, Record, SimEvent, SimRun, SimWorkerProcess } from './record.js';

/** Lower than the product's, so that schedules get there. */
const CRASH_LIMIT = 2;

export interface SimDispatch {
  readonly runId: string;
}

export interface SimClaim {
  readonly runId: string;
  readonly threadId: string;
  readonly attempt: number;
  readonly claim: number;
  readonly crashes: number;
  readonly retries: number;
  /** The event that the claim wrote itself, if it is the run's first. */
  readonly written: readonly Numbered[];
  readonly nextSeq: number;
  readonly isPoison: boolean;
}

export interface SimFinished {
  readonly runId: string;
  readonly events: readonly Numbered[];
  readonly next: readonly SimDispatch[];
}

/** What a create did. */
export interface SimCreated {
  /** The run, when it is to be enqueued now. */
  readonly dispatch: readonly SimDispatch[];
  /** Pending runs of the thread that it ended. */
  readonly ended: readonly SimFinished[];
  /** Running ones that it marked. */
  readonly marked: readonly { runId: string; owner: SimWorkerProcess | null; attempt: number }[];
}

export interface SimCreate {
  readonly runId: string;
  readonly threadId: string;
  readonly request: number;
  readonly seconds: number;
  readonly strategy: 'enqueue' | 'interrupt';
  /** It kills every worker that executes it. */
  readonly isPoison: boolean;
}

/** @returns null when the id is taken */
export function create(record: Record, input: SimCreate, by: string): SimCreated | null {
  const { runId, threadId, request, seconds, strategy, isPoison } = input;
  if (record.find(runId)) return null;
  const others = record.runs.filter((run) => run.thread_id === threadId);
  const replaced = strategy === 'interrupt' ? replace(record, others, by) : { ended: [], marked: [] };
  const { now } = record;
  const waits =
    seconds > 0 ||
    others.some(
      (run) =>
        run.status === 'running' || (run.status === 'pending' && (run.attempt > 0 || run.due_at <= now)),
    );
  const run: SimRun = {
    run_id: runId,
    thread_id: threadId,
    thread_order: others.length + 1,
    status: 'pending',
    attempt: 0,
    crashes: 0,
    retries: 0,
    dispatch: 0,
    dispatched_at: null,
    due_at: now,
    worker_id: null,
    cancel_requested_at: null,
    cancel_action: null,
    cancel_reason: null,
    log: [],
    checkpoints: [],
    request,
    isPoison,
    claim: 0,
    claimedAt: 0,
    holder: null,
  };
  Object.assign(run, assignments(RUN_TRANSITIONS.create, { row: run, arguments: { seconds, waits }, now }));
  if (record.runs.some((each) => each.request === request)) {
    record.violate('I1', `the request that made another run made ${runId} too`);
  }
  record.insert(run);
  record.tell('postgres', `${runId} is created on ${threadId}`);
  return { dispatch: waits ? [] : [{ runId }], ...replaced };
}

/** The strategy `interrupt`: what waits ends, what runs is cancelled. */
function replace(
  record: Record,
  others: readonly SimRun[],
  by: string,
): Pick<SimCreated, 'ended' | 'marked'> {
  const active = others.filter(({ status }) => status === 'pending' || status === 'running');
  const ended: SimFinished[] = [];
  const marked: { runId: string; owner: SimWorkerProcess | null; attempt: number }[] = [];
  for (const run of active.filter(({ status }) => status === 'pending')) {
    const finished = finish(record, run.run_id, null, 'interrupted', { name: by, claim: 0 });
    if (finished) ended.push(finished);
  }
  for (const run of active) {
    if (run.status !== 'running' || !record.change('cancel', run, { action: 'interrupt', reason: null }))
      continue;
    record.tell('postgres', `${run.run_id} is marked: a new run replaces it`);
    marked.push({ runId: run.run_id, owner: run.holder, attempt: run.attempt });
  }
  return { ended, marked };
}

/** After a COMMIT without an answer: who was replaced is found by others. */
export function lookUp(record: Record, runId: string): SimCreated | null {
  const run = record.find(runId);
  return run ? { dispatch: run.dispatch > 0 ? [{ runId }] : [], ended: [], marked: [] } : null;
}

export function claim(record: Record, runId: string, worker: SimWorkerProcess): SimClaim | null {
  const { threadRunsOneAtATime, claimCountsAttempts } = record.protections;
  const run = record.find(runId);
  if (!run || (threadRunsOneAtATime && record.isBlocked(run))) return null;
  const before = run.attempt;
  if (!record.change('claim', run, { worker: worker.workerId })) return null;
  if (!claimCountsAttempts) run.attempt = Math.max(before, 1);
  run.claim = record.claims += 1;
  run.claimedAt = record.now;
  run.holder = worker;
  record.tell(
    'postgres',
    `${runId} is claimed by ${worker.name}: claim ${run.claim}, attempt ${run.attempt}`,
  );
  const begun: Numbered = { seq: 0, event: { what: 'metadata', claim: run.claim } };
  if (before === 0) run.log.push(begun.event);
  return {
    runId,
    threadId: run.thread_id,
    attempt: run.attempt,
    claim: run.claim,
    crashes: run.crashes,
    retries: run.retries,
    written: before === 0 ? [begun] : [],
    nextSeq: run.log.length,
    isPoison: run.isPoison,
  };
}

/** Events of several attempts; returns the claims that hold their runs. */
export function append(
  record: Record,
  batches: readonly { claim: SimClaim; events: readonly Numbered[] }[],
): Set<number> {
  const held = new Set<number>();
  for (const { claim: by, events } of batches) {
    const run = record.find(by.runId);
    if (!run) continue;
    const others = record.protections.appendFencesEachAttempt ? [] : batches;
    const isHeld = [{ claim: by }, ...others.filter(({ claim: { runId } }) => runId === by.runId)].some(
      ({ claim: { attempt } }) => record.isAllowed('write', run, { attempt }),
    );
    if (!isHeld && record.protections.appendIsFenced) continue;
    held.add(by.claim);
    for (const { seq, event } of events) {
      // ON CONFLICT DO NOTHING.
      if (seq < run.log.length) continue;
      record.checkWriter(run, by.claim, 'an event');
      appendOne(record, run, seq, event);
    }
  }
  return held;
}

function appendOne(record: Record, run: SimRun, seq: number, event: SimEvent): void {
  if (seq !== run.log.length) {
    record.violate('I2', `event ${seq} of ${run.run_id} follows ${run.log.length} events`);
  }
  if (run.log.includes(event)) {
    record.violate('I2', `an event of ${run.run_id} is in its log twice, the second time as ${seq}`);
  }
  run.log.push(event);
}

export function checkpoint(record: Record, by: SimClaim, step: number, madeAt: number): boolean {
  const run = record.find(by.runId);
  if (!run) return false;
  const isHeld = record.isAllowed('write', run, { attempt: by.attempt });
  if (!isHeld && record.protections.checkpointIsFenced) return false;
  const newest = run.checkpoints.at(-1);
  // The same one sent again.
  if (isHeld && newest?.step === step && newest.madeAt === madeAt) return true;
  record.checkWriter(run, by.claim, `checkpoint ${step}`);
  if (step !== (newest?.step ?? 0) + 1) {
    record.violate('I7', `checkpoint ${step} of ${by.runId} follows its checkpoint ${newest?.step ?? 0}`);
  }
  run.checkpoints.push({ step, madeAt });
  record.tell('postgres', `${by.runId} has checkpoint ${step} of claim ${by.claim}`);
  return true;
}

/** The step of the run's newest own checkpoint; 0 for none. */
export function newestStep(record: Record, runId: string): number {
  const { attemptResumes, commitOrdersCheckpoints } = record.protections;
  const own = record.find(runId)?.checkpoints ?? [];
  if (!attemptResumes) return 0;
  if (commitOrdersCheckpoints) return own.at(-1)?.step ?? 0;
  return own.reduce((newest, one) => (one.madeAt > newest.madeAt ? one : newest), {
    step: 0,
    madeAt: -Infinity,
  }).step;
}

/**
 * The end of a run, by its attempt or by whoever has the locks.
 *
 * @param attempt null: whoever holds the run loses it
 */
export function finish(
  record: Record,
  runId: string,
  attempt: number | null,
  status: TerminalRunStatus,
  by: { name: string; claim: number },
): SimFinished | null {
  const run = record.find(runId);
  if (!run) return null;
  const isCompared = record.protections.finishComparesAttempt || attempt === null;
  if (!record.isAllowed('finish', run, { attempt: isCompared ? attempt : null })) return null;
  if (by.claim > 0) record.checkWriter(run, by.claim, 'the end');
  const ended = record.protections.cancelIsKept ? endStatus(run, status) : status;
  record.change('finish', run, { attempt: null, status: ended, reason: null });
  record.tell('postgres', `${runId} ends as ${ended}, by ${by.name}`);
  if (ended === 'success' && run.cancel_requested_at !== null) {
    record.violate('cancel', `${runId} was cancelled and ends as a success`);
  }
  const events = record.protections.endIsWrittenWithStatus ? [writeEnd(record, run)] : [];
  return { runId, events, next: dispatchNext(record, run.thread_id) };
}

/** The end record, in a statement of its own: what finish must not do. */
export function writeEndLater(record: Record, runId: string): Numbered[] {
  const run = record.find(runId);
  return run ? [writeEnd(record, run)] : [];
}

function writeEnd(record: Record, run: SimRun): Numbered {
  const seq = run.log.length;
  const event: SimEvent = { what: 'end', claim: 0 };
  if (run.log.some(({ what }) => what === 'end')) record.violate('I6', `${run.run_id} ends a second time`);
  run.log.push(event);
  return { seq, event };
}

function dispatchNext(record: Record, threadId: string): SimDispatch[] {
  if (record.hasRunning(threadId, null)) return [];
  const waiting = record.runs
    .filter((run) => run.thread_id === threadId && record.isAllowed('dispatch', run, {}))
    .sort((a, b) => Number(a.attempt === 0) - Number(b.attempt === 0) || a.thread_order - b.thread_order);
  const [next] = waiting;
  return next && record.change('dispatch', next, {}) ? [{ runId: next.run_id }] : [];
}

/** After a COMMIT without an answer. */
export function hasEnded(record: Record, runId: string): boolean {
  const status = record.find(runId)?.status;
  return status !== undefined && isTerminalRunStatus(status);
}

export function progress(record: Record, by: SimClaim): void {
  const run = record.find(by.runId);
  if (run) record.change('progress', run, { attempt: by.attempt });
}

export function giveBack(
  record: Record,
  transition: 'release' | 'retry',
  by: Pick<SimClaim, 'runId' | 'attempt'>,
  seconds: number,
): SimDispatch[] | null {
  const run = record.find(by.runId);
  if (!run) return null;
  const { crashes } = run;
  if (!record.change(transition, run, { attempt: by.attempt, seconds })) return null;
  if (run.crashes !== crashes) record.violate('charge', `a ${transition} was charged as a crash`);
  record.tell('postgres', `${by.runId} is given back: ${transition}`);
  return run.dispatched_at === null ? [] : [{ runId: by.runId }];
}

export type SimCancelled =
  | { readonly finished: SimFinished }
  | { readonly owner: SimWorkerProcess | null; readonly attempt: number }
  | null;

export function cancel(record: Record, runId: string, by: string): SimCancelled {
  const run = record.find(runId);
  if (!run) return null;
  if (run.status === 'pending') {
    const finished = finish(record, runId, null, 'interrupted', { name: by, claim: 0 });
    return finished && { finished };
  }
  if (!record.change('cancel', run, { action: 'interrupt', reason: null })) return null;
  record.tell('postgres', `${runId} is marked as cancelled`);
  return { owner: run.holder, attempt: run.attempt };
}

/** Runs of a worker that is still as dead as it was observed. */
export function runsOfDeadWorker(
  record: Record,
  workerId: string,
  beat: string | null,
): { runId: string; attempt: number }[] {
  const row = record.workers.get(workerId);
  if (record.protections.rescueComparesBeat && row && String(row.beat) !== beat) return [];
  return record.runs
    .filter((run) => run.worker_id === workerId && run.status === 'running')
    .map((run) => ({ runId: run.run_id, attempt: run.attempt }));
}

/** @returns what is to be enqueued and published; null when the run was taken by somebody else */
export function rescue(
  record: Record,
  { runId, attempt }: { runId: string; attempt: number },
  charge: 0 | 1,
  by: string,
): SimFinished | null {
  const run = record.find(runId);
  if (!run) return null;
  const given = { attempt: record.protections.rescueComparesAttempt ? attempt : run.attempt };
  if (!record.isAllowed('write', run, given)) return null;
  checkVerdict(record, run, charge);
  const all = { ...given, charge, crashLimit: CRASH_LIMIT };
  if (!record.change('rescue', run, all)) {
    const status = run.cancel_requested_at === null ? 'error' : 'interrupted';
    return finish(record, runId, null, status, { name: by, claim: 0 });
  }
  record.tell('postgres', `${runId} is rescued by ${by}, crashes ${run.crashes}`);
  return { runId, events: [], next: [{ runId }] };
}

/** Taking a run from a worker needs a reason, and so does charging it. */
function checkVerdict(record: Record, run: SimRun, charge: 0 | 1): void {
  const { holder } = run;
  if (!holder) return;
  if (charge > 0 && holder.hasStopped) {
    record.violate('charge', `${run.run_id} was charged a crash, but ${holder.name} was asked to stop`);
  } else if (holder.alive && holder.disturbedUntil < run.claimedAt) {
    record.violate('rescue', `${run.run_id} was taken from ${holder.name}, which nothing has disturbed`);
  } else if (charge > 0 && holder.alive && holder.sessionLostUntil < run.claimedAt) {
    record.violate('charge', `${run.run_id} was charged a crash, but ${holder.name} never lost its session`);
  }
}

/** What a sweeper's look says: whether `dispatchDue` would find a run. */
export function isAnyRunDue(record: Record): boolean {
  return record.runs.some(
    (run) =>
      record.isAllowed('redispatch', run, { seconds: REDISPATCH_AFTER_MS / 1_000 }) && !record.isBlocked(run),
  );
}

export function dispatchDue(record: Record): SimDispatch[] {
  const dispatched: SimDispatch[] = [];
  for (const run of record.runs) {
    if (run.status !== 'pending' || record.isBlocked(run)) continue;
    if (!record.change('redispatch', run, { seconds: REDISPATCH_AFTER_MS / 1_000 })) continue;
    dispatched.push({ runId: run.run_id });
    record.tell('postgres', `${run.run_id} is dispatched again`);
  }
  return dispatched;
}

/** Candidates for a worker that claims without the queue. */
export function waitingRuns(record: Record): string[] {
  return record.runs
    .filter((run) => record.isAllowed('claim', run, {}) && !record.isBlocked(run))
    .map((run) => run.run_id);
}

/** A page of a log: from `cursor + 1`, as far as it goes. */
export function readEvents(record: Record, runId: string, cursor: number): Numbered[] {
  const log = record.find(runId)?.log ?? [];
  return log.slice(cursor + 1).map((event, index) => ({ seq: cursor + 1 + index, event }));
}
