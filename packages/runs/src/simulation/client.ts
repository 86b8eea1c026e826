/**
 * A client: creates a run, repeats what it is told to repeat, reads the log by cursor to its end, now and then over another api, and
 * compares what it sees with what is committed.
 */
import type { CreateAnswer, SimApi } from './api-process.js';
import type { Numbered, SimEvent } from './record.js';
import { SimReader } from './reader.js';
import { PARK, sleep, type Routine, type Task } from './scheduler.js';
import type { World } from './world.js';

const RECONNECT_MS = 200;
const REPEAT_MS = 500;

export interface SimRequest {
  readonly number: number;
  readonly threadId: string;
  /** Seconds until the run is due. */
  readonly seconds: number;
  readonly strategy: 'enqueue' | 'interrupt';
  /** The run kills every worker that executes it. */
  readonly isPoison: boolean;
  /** When the client cancels the run, milliseconds after its creation; null: it does not. */
  readonly cancelAfterMs: number | null;
}

export class SimClient {
  readonly seen: SimEvent[] = [];
  runId: string | null = null;
  #task: Task | null = null;
  #ended = false;

  constructor(
    private readonly world: World,
    private readonly request: SimRequest,
  ) {}

  start(delayMs: number): void {
    this.world.openClients += 1;
    this.#task = this.world.scheduler.spawn(this.world.outside, this.#run(), delayMs);
  }

  *#run(): Routine {
    this.runId = yield* this.#create();
    if (this.runId !== null) {
      if (this.request.cancelAfterMs !== null) {
        const routine = this.#cancel(this.runId, this.request.cancelAfterMs);
        this.world.scheduler.spawn(this.world.outside, routine);
      }
      yield* this.#read(this.runId);
    }
    this.world.openClients -= 1;
  }

  /** Null when the client does not know whether it has a run. */
  *#create(): Routine<string | null> {
    const { number: request, ...wishes } = this.request;
    for (;;) {
      const api = yield* this.#connect();
      let answer: CreateAnswer | undefined;
      const hear = (heard: CreateAnswer): void => {
        answer ??= heard;
        this.#wake();
      };
      api.onDeath.push(() => hear('unknown'));
      this.world.scheduler.spawn(api, api.create({ ...wishes, request }, hear));
      while (!answer) yield PARK;
      if (answer === 'unknown') return null;
      if (answer !== 'send it again') return answer.runId;
      yield sleep(REPEAT_MS);
    }
  }

  *#cancel(runId: string, afterMs: number): Routine {
    yield sleep(afterMs);
    const api = yield* this.#connect();
    this.world.scheduler.spawn(api, api.cancel(runId));
  }

  *#read(runId: string): Routine {
    const { scheduler, choices } = this.world;
    while (!this.#ended) {
      const api = yield* this.#connect();
      // Now and then it goes away and comes back with its cursor.
      let left = choices.isRare(4) ? 1 + choices.next(3) : Infinity;
      let isOpen = true;
      const close = (): void => {
        isOpen = false;
        this.#wake();
      };
      const reader = new SimReader(runId, this.seen.length - 1, api, this.world, (event) => {
        this.#see(runId, event);
        left -= 1;
        if (!this.#ended && left > 0) return true;
        close();
        return false;
      });
      api.onDeath.push(() => {
        reader.close();
        close();
      });
      reader.task = scheduler.spawn(api, reader.run());
      while (isOpen) yield PARK;
    }
  }

  *#connect(): Routine<SimApi> {
    for (;;) {
      const api = this.world.pickAlive(this.world.apis);
      if (api) return api;
      yield sleep(RECONNECT_MS);
    }
  }

  #see(runId: string, { seq, event }: Numbered): void {
    const { record } = this.world;
    if (seq !== this.seen.length) {
      record.violate('I2', `a client of ${runId} got event ${seq} where ${this.seen.length} was due`);
    }
    if (record.find(runId)?.log[seq] !== event) {
      record.violate('I3', `a client of ${runId} got an event ${seq} that is not in the log`);
    }
    this.seen.push(event);
    if (event.what === 'end') this.#ended = true;
  }

  #wake(): void {
    if (this.#task) this.world.scheduler.wake(this.#task);
  }
}
