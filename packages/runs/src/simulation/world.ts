/**
 * Everything that the processes of one schedule share.
 */
import type { Choices } from './choices.js';
import type { Protections } from './protections.js';
import { Record } from './record.js';
import { SimRedis } from './redis.js';
import { Process, Scheduler } from './scheduler.js';
import type { SimApi } from './api-process.js';
import type { SimSweeper } from './sweeper-process.js';
import type { SimWorker } from './worker-process.js';

export class World {
  readonly scheduler: Scheduler;
  readonly record: Record;
  readonly redis: SimRedis;
  /** Never dies: clients, faults, what is under way. */
  readonly outside = new Process('outside', 0);
  readonly apis: SimApi[] = [];
  readonly workers: SimWorker[] = [];
  readonly sweepers: SimSweeper[] = [];
  /** Clients that still wait for something. */
  openClients = 0;
  #ids = 0;

  constructor(
    readonly choices: Choices,
    readonly protections: Readonly<Protections>,
  ) {
    this.scheduler = new Scheduler(choices);
    this.record = new Record(this.scheduler, protections);
    this.redis = new SimRedis(this.scheduler, choices, this.record, this.outside, (runId) => {
      this.#deliver(runId);
    });
  }

  get now(): number {
    return this.scheduler.now;
  }

  nextId(): number {
    return (this.#ids += 1);
  }

  /** One of the processes that are there; undefined when all are dead. */
  pickAlive<T extends Process>(from: readonly T[]): T | undefined {
    const alive = from.filter((process) => process.alive && process.frozenUntil <= this.now);
    return alive.length > 0 ? this.choices.pick(alive) : undefined;
  }

  /** A message of the queue that finds no worker is lost: a worker died with it. */
  #deliver(runId: string): void {
    this.pickAlive(this.workers)?.wakeFor(runId);
  }
}
