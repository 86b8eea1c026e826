/**
 * What goes wrong besides single statements and messages: processes die, freeze, stop and lose their way; Postgres pauses and
 * restarts; Redis forgets and goes away.
 */
import { SimApi } from './api-process.js';
import { type Process, sleep, type Routine } from './scheduler.js';
import { SimSweeper } from './sweeper-process.js';
import { SimWorker } from './worker-process.js';
import type { World } from './world.js';

const MOST_SKEW_MS = 20_000;
const SHORT_MS = 1_800;

/** A new process in the place of a dead one, or the first. */
export function startWorker(world: World): void {
  const worker = new SimWorker(world, skew(world));
  world.workers.push(worker);
  worker.start();
  worker.onDeath.push(() => later(world, () => startWorker(world)));
}

export function startApi(world: World): void {
  const api = new SimApi(world, skew(world));
  world.apis.push(api);
  api.start();
  api.onDeath.push(() => later(world, () => startApi(world)));
}

export function startSweeper(world: World): void {
  const sweeper = new SimSweeper(world, skew(world));
  world.sweepers.push(sweeper);
  sweeper.start();
  sweeper.onDeath.push(() => later(world, () => startSweeper(world)));
}

function skew(world: World): number {
  return world.choices.isRare(3) ? world.choices.next(MOST_SKEW_MS) - MOST_SKEW_MS / 2 : 0;
}

function later(world: World, start: () => void): void {
  const delay = world.scheduler.faults ? world.choices.next(3_000) : 1;
  world.scheduler.spawn(
    world.outside,
    (function* (): Routine {
      yield sleep(delay);
      start();
    })(),
  );
}

type Fault = (world: World) => void;

/** Mostly one that has something to lose. */
function pickWorker(world: World): SimWorker | undefined {
  const busy = world.workers.filter((worker) => worker.activeCount > 0);
  return (world.choices.next(4) > 0 ? world.pickAlive(busy) : undefined) ?? world.pickAlive(world.workers);
}

/** Short things happen as often as long ones. */
function duration(world: World, mostMs: number): number {
  return world.choices.next(2) === 0 ? world.choices.next(SHORT_MS) : world.choices.next(mostMs);
}

const killWorker: Fault = (world) => {
  const worker = pickWorker(world);
  if (!worker) return;
  // The kernel closes the session of a dead process at once; that of a dead host stays for a while.
  const lingers = world.choices.isRare(4) ? world.choices.next(20_000) : 0;
  world.record.tell(worker.name, lingers > 0 ? `dies with its host, ${lingers} ms unnoticed` : 'is killed');
  worker.loseSession(lingers);
  world.scheduler.kill(worker);
};

const stopWorker: Fault = (world) => {
  const worker = pickWorker(world);
  if (worker) world.scheduler.spawn(worker, worker.drain(world.choices.next(1_500)));
};

const cutWorker: Fault = (world) => {
  const worker = pickWorker(world);
  if (!worker) return;
  worker.cutUntil = Math.max(worker.cutUntil, world.now + duration(world, 14_000));
  const isNoticed = world.choices.next(2) === 0;
  worker.cutIsSilent = !isNoticed;
  world.record.tell(
    worker.name,
    `is cut off until ${worker.cutUntil} ms${isNoticed ? ', its session closed' : ''}`,
  );
  worker.disturb(worker.cutUntil);
  if (isNoticed) worker.loseSession(0);
};

const breakHeartbeat: Fault = (world) => {
  const worker = pickWorker(world);
  if (!worker) return;
  world.record.tell(worker.name, 'loses the session of its heartbeat');
  worker.disturb(world.now);
  worker.loseSession(0);
};

const freezeWorker: Fault = (world) => {
  const worker = pickWorker(world);
  if (!worker) return;
  freeze(world, worker, 15_000);
  worker.disturb(worker.frozenUntil);
};

function freeze(world: World, process: Process, mostMs: number): void {
  process.frozenUntil = Math.max(process.frozenUntil, world.now + duration(world, mostMs));
  world.record.tell(process.name, `freezes until ${process.frozenUntil} ms`);
}

const pausePostgres: Fault = (world) => {
  const { postgres } = world.scheduler;
  postgres.pausedUntil = Math.max(postgres.pausedUntil, world.now + duration(world, 13_000));
  world.record.tell('postgres', `does not answer until ${postgres.pausedUntil} ms`);
};

const restartPostgres: Fault = (world) => {
  const { record, scheduler } = world;
  scheduler.postgres.downUntil = Math.max(scheduler.postgres.downUntil, world.now + duration(world, 4_000));
  record.tell('postgres', `restarts and is away until ${scheduler.postgres.downUntil} ms`);
  record.postmasterStart += 1;
  record.locks.clear();
  for (const worker of world.workers) worker.loseSession(0);
};

const killSmall: Fault = (world) => {
  const process = world.pickAlive<Process>([...world.apis, ...world.sweepers]);
  if (!process) return;
  world.record.tell(process.name, 'is killed');
  world.scheduler.kill(process);
};

const freezeSmall: Fault = (world) => {
  const process = world.pickAlive<Process>([...world.apis, ...world.sweepers]);
  if (process) freeze(world, process, 10_000);
};

const cutSmall: Fault = (world) => {
  const process = world.pickAlive<Process>([...world.apis, ...world.sweepers]);
  if (!process) return;
  process.cutUntil = Math.max(process.cutUntil, world.now + duration(world, 10_000));
  world.record.tell(process.name, `is cut off from Postgres until ${process.cutUntil} ms`);
};

const flushRedis: Fault = (world) => {
  world.record.tell('redis', 'is flushed');
  world.redis.flush();
};

const stopRedis: Fault = (world) => {
  world.redis.downUntil = Math.max(world.redis.downUntil, world.now + duration(world, 6_000));
  world.record.tell('redis', `is away until ${world.redis.downUntil} ms`);
  for (const worker of world.workers) if (worker.alive) worker.pollPostgres();
};

const nothing: Fault = () => undefined;

const FAULTS: readonly Fault[] = [
  nothing,
  ...[killWorker, killWorker, freezeWorker, cutWorker, stopWorker, breakHeartbeat],
  ...[pausePostgres, restartPostgres, killSmall, freezeSmall, cutSmall, flushRedis, stopRedis],
];

/** Lets something go wrong after `delayMs`. */
export function planFault(world: World, delayMs: number): void {
  const fault = world.choices.pick(FAULTS);
  world.scheduler.spawn(
    world.outside,
    (function* (): Routine {
      yield sleep(delayMs);
      if (world.scheduler.faults) fault(world);
    })(),
  );
}

/** From here on nothing goes wrong any more. */
export function stopFaults(world: World): void {
  world.record.tell('', 'nothing goes wrong from here on');
  world.scheduler.stopFaults();
  world.redis.downUntil = Math.min(world.redis.downUntil, world.now);
  for (const process of [...world.apis, ...world.workers, ...world.sweepers]) {
    process.frozenUntil = Math.min(process.frozenUntil, world.now);
    process.cutUntil = Math.min(process.cutUntil, world.now);
  }
}
