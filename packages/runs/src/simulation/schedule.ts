/**
 * One schedule from its first step to its last: two apis, three workers, two sweepers, a few clients, and what goes wrong.
 */
import { type Choices } from './choices.js';
import { SimClient } from './client.js';
import { planFault, startApi, startSweeper, startWorker, stopFaults } from './faults.js';
import { checkEnd } from './invariants.js';
import type { Protections } from './protections.js';
import type { Violation } from './record.js';
import { World } from './world.js';

/** Faults begin up to here, and end there. */
const FAULTS_BEGIN_MS = 5_000;
const EARLY_MS = 2_000;
const FAULTS_END_MS = 17_000;
const MOST_FAULTS = 6;
/** Long enough for every wait of the product that is not broken: the longest is that of a run dispatched often. */
const SETTLE_MS = 300_000;

export interface Outcome {
  readonly violation: Violation | null;
  /** Every choice that was made: the schedule itself. */
  readonly choices: readonly number[];
  readonly story: readonly string[];
}

/** Plays a schedule. `tells`: with its story, which takes time. */
export function play(choices: Choices, protections: Readonly<Protections>, tells = false): Outcome {
  const world = new World(choices, protections);
  const { record, scheduler } = world;
  if (tells) record.story = [];
  for (let i = 0; i < 2; i += 1) startApi(world);
  for (let i = 0; i < 3; i += 1) startWorker(world);
  for (let i = 0; i < 2; i += 1) startSweeper(world);
  const clients = startClients(world);
  const faults = choices.next(MOST_FAULTS + 1);
  for (let i = 0; i < faults; i += 1) {
    // Most runs are young when it happens.
    planFault(world, choices.next(choices.next(3) > 0 ? EARLY_MS : FAULTS_BEGIN_MS));
  }

  const goesOn = (): boolean => !record.violation && !isDone(world);
  scheduler.run(FAULTS_END_MS, goesOn);
  if (goesOn()) {
    stopFaults(world);
    scheduler.run(FAULTS_END_MS + SETTLE_MS, goesOn);
  }
  if (!record.violation) checkEnd(world, clients);
  return { violation: record.violation, choices: choices.taken, story: record.story ?? [] };
}

function startClients(world: World): SimClient[] {
  const { choices } = world;
  const clients: SimClient[] = [];
  const count = 1 + choices.next(3);
  for (let number = 1; number <= count; number += 1) {
    const client = new SimClient(world, {
      number,
      threadId: `t${1 + choices.next(2)}`,
      seconds: choices.isRare(6) ? 1 : 0,
      strategy: choices.isRare(5) ? 'interrupt' : 'enqueue',
      isPoison: choices.isRare(24),
      cancelAfterMs: choices.isRare(4) ? choices.next(2_000) : null,
    });
    // Workers have to be there first, or the first messages would find nobody.
    client.start(20 + choices.next(number === 1 ? 50 : 2_000));
    clients.push(client);
  }
  return clients;
}

function isDone(world: World): boolean {
  if (world.record.active > 0 || world.openClients > 0) return false;
  return world.workers.every((worker) => !worker.alive || worker.activeCount === 0);
}
