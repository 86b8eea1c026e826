/**
 * The statements of `liveness/heartbeat.sql.ts`, on the record in memory.
 */
import type { Observation, ObservedWorker } from '../liveness/liveness-observer.js';
import type { Record, SimWorkerProcess } from './record.js';

export interface SimHeld {
  readonly runId: string;
  readonly attempt: number;
  readonly cancelled: boolean;
}

/** @returns the key of the worker's lock */
export function register(record: Record, worker: SimWorkerProcess): number {
  const row = record.workers.get(worker.workerId);
  if (row) {
    row.beat += 1;
    return row.lockKey;
  }
  const lockKey = record.nextLockKey++;
  // Beats that were seen before would pass for no renewal at all.
  const beat = (record.nextBeat += 1_000);
  record.workers.set(worker.workerId, { workerId: worker.workerId, lockKey, beat, lockHeld: false });
  return lockKey;
}

export function takeLock(record: Record, lockKey: number, session: number): boolean {
  const owner = record.locks.get(lockKey);
  if (owner !== undefined && owner !== session) return false;
  record.locks.set(lockKey, session);
  return true;
}

/** @returns null when the worker has no row any more */
export function renew(record: Record, worker: SimWorkerProcess, session: number): SimHeld[] | null {
  const row = record.workers.get(worker.workerId);
  if (!row) return null;
  row.beat += 1;
  row.lockHeld = record.locks.get(row.lockKey) === session;
  const held: SimHeld[] = [];
  for (const run of record.runs) {
    if (run.worker_id !== worker.workerId || run.status !== 'running') continue;
    held.push({
      runId: run.run_id,
      attempt: run.attempt,
      cancelled: run.cancel_requested_at !== null,
    });
  }
  return held;
}

export function observeWorkers(record: Record): Observation {
  const workers: ObservedWorker[] = [];
  for (const { workerId, lockKey, beat, lockHeld } of record.workers.values()) {
    workers.push({ workerId, beat: String(beat), lockFree: lockHeld && !record.locks.has(lockKey) });
  }
  for (const run of record.runs) {
    const { worker_id: workerId } = run;
    if (run.status !== 'running' || workerId === null || record.workers.has(workerId)) continue;
    if (!workers.some((one) => one.workerId === workerId)) {
      workers.push({ workerId, beat: null, lockFree: true });
    }
  }
  return { postmasterStart: String(record.postmasterStart), workers };
}

export function forgetWorker(record: Record, workerId: string, beat: string | null): void {
  const row = record.workers.get(workerId);
  if (!row || String(row.beat) !== beat) return;
  if (record.runs.some((run) => run.worker_id === workerId && run.status === 'running')) return;
  record.workers.delete(workerId);
}
