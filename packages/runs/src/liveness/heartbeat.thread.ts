/**
 * The heartbeat of a worker, in a thread and a session of its own: a graph that blocks the event loop must not lose the
 * runs of its process.
 *
 * When the main loop itself stays silent past the deadline of one of its runs, this thread ends the overdue ones as `timeout`,
 * gives the others back and kills the process: nothing else can stop a loop that never returns.
 */
import { hostname } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import {
  CONFIRMED_AT,
  LOOP_TURNED_AT,
  sharedNow,
  type FromThread,
  type HeartbeatThreadData,
  type ToThread,
} from './heartbeat-messages.js';
import {
  DEREGISTER_WORKER,
  REGISTER_WORKER,
  RENEW_HEARTBEAT,
  TAKE_WORKER_LOCK,
  type RenewalRow,
} from './heartbeat.sql.js';
import { endRunsOfBlockedLoop, watchedRuns, type WatchedRun } from './blocked-loop.js';

const data = workerData as HeartbeatThreadData;
const times = new Float64Array(data.times);
/** The runs that Postgres said at the last renewal are held. */
let watched: readonly WatchedRun[] = [];
const RETRY_MS = 100;
/** A session that still holds the lock of the one before is ended by Postgres within moments of its close. */
const LOCK_TRIES = 5;

let client: pg.Client | undefined;
let state: 'active' | 'draining' = 'active';
let stopping = false;
let wake: (() => void) | undefined;

function post(message: FromThread): void {
  parentPort?.postMessage(message);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

async function openSession(): Promise<pg.Client> {
  const session = new pg.Client(data.session);
  session.on('error', () => {
    if (client === session) client = undefined;
  });
  await session.connect();
  try {
    await register(session);
  } catch (error) {
    session.end().catch(() => undefined);
    throw error;
  }
  return session;
}

/** Takes the lock before the heartbeat is renewed: an observer must never see a fresh beat with a free lock. */
async function register(session: pg.Client): Promise<void> {
  const values = [data.workerId, data.graphIds, hostname(), process.pid];
  const { rows } = await session.query<{ lock_key: number }>(REGISTER_WORKER, values);
  const lockKey = rows[0]?.lock_key;
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    const taken = await session.query<{ taken: boolean }>(TAKE_WORKER_LOCK, [lockKey]);
    if (taken.rows[0]?.taken) return;
    await pause(RETRY_MS);
  }
}

async function renew(): Promise<void> {
  const session = (client ??= await openSession());
  const sentAt = sharedNow();
  let row = await renewOnce(session);
  const wasForgotten = row?.known === false;
  if (wasForgotten) {
    await register(session);
    row = await renewOnce(session);
  }
  if (!row) return;
  // The lease runs from the moment the renewal was sent: Postgres cannot have received it earlier.
  times[CONFIRMED_AT] = sentAt;
  watched = watchedRuns(row.held ?? [], watched, sharedNow() + data.jobTimeoutMs);
  post({ type: 'renewed', held: row.held ?? [], sweeperSeen: row.sweeper_seen, wasForgotten });
}

async function renewOnce(session: pg.Client): Promise<RenewalRow | undefined> {
  const { rows } = await session.query<RenewalRow>({
    name: 'renew-heartbeat',
    text: RENEW_HEARTBEAT,
    values: [data.workerId, state],
  });
  return rows[0];
}

async function endIfLoopIsBlocked(): Promise<void> {
  const silentMs = sharedNow() - (times[LOOP_TURNED_AT] ?? 0);
  if (silentMs < data.silentLoopMs) return;
  const now = sharedNow();
  if (!watched.some((run) => run.deadlineAt <= now)) return;
  await endRunsOfBlockedLoop(data, watched, now);
  process.kill(process.pid, 'SIGKILL');
}

async function beat(): Promise<void> {
  while (!stopping) {
    const startedAt = sharedNow();
    try {
      await renew();
      await endIfLoopIsBlocked();
      await pause(Math.max(0, data.intervalMs - (sharedNow() - startedAt)));
    } catch {
      const broken = client;
      client = undefined;
      broken?.end().catch(() => undefined);
      await pause(RETRY_MS);
    }
  }
  await client?.query(DEREGISTER_WORKER, [data.workerId]).catch(() => undefined);
  await client?.end().catch(() => undefined);
  post({ type: 'stopped' });
  parentPort?.close();
}

parentPort?.on('message', (message: ToThread) => {
  if (message.type === 'state') state = message.state;
  else {
    stopping = true;
    wake?.();
  }
});

void beat();
