/**
 * A run of the floor: the events that the graph would have said, in an array.
 */
import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../harness/clock.js';

const GATE_LOOK_MS = 5;

export interface FloorRequest {
  readonly assistant_id: string;
  readonly input: { count?: number; everyMs?: number; gate?: string | null; steps?: number };
}

export class FloorRun {
  readonly #frames: string[] = [];
  readonly #readers = new Set<ServerResponse>();
  #ended = false;

  constructor(readonly runId: string) {}

  /** Says everything; with neither gate nor pauses at once. */
  start({ assistant_id: graph, input }: FloorRequest): void {
    this.#say('metadata', { run_id: this.runId, attempt: 1 });
    const count = graph === 'tokens' ? (input.count ?? 0) : graph === 'steps' ? (input.steps ?? 0) : 0;
    const { gate, everyMs = 0 } = input;
    if (!gate && everyMs === 0) {
      this.#sayTokens(0, count);
      this.#end();
    } else void this.#sayPaced(count, everyMs, gate ?? null);
  }

  /** Sends what was said, and what will be. */
  read(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(this.#frames.join(''));
    if (this.#ended) response.end();
    else {
      this.#readers.add(response);
      response.once('close', () => this.#readers.delete(response));
    }
  }

  async #sayPaced(count: number, everyMs: number, gate: string | null): Promise<void> {
    while (gate !== null && !existsSync(gate)) await sleep(GATE_LOOK_MS);
    const startedAt = nowMs();
    for (let token = 0; token < count; token += 1) {
      const waitMs = everyMs === 0 ? 0 : startedAt + token * everyMs - nowMs();
      if (waitMs > 0) await sleep(waitMs);
      this.#sayTokens(token, token + 1);
    }
    this.#end();
  }

  #sayTokens(from: number, to: number): void {
    for (let token = from; token < to; token += 1) this.#say('custom', { token, at: nowMs() });
  }

  #say(event: string, data: unknown): void {
    const frame = `event: ${event}\r\ndata: ${JSON.stringify(data)}\r\nid: ${String(this.#frames.length)}\r\n\r\n`;
    this.#frames.push(frame);
    for (const reader of this.#readers) reader.write(frame);
  }

  #end(): void {
    this.#say('values', {});
    this.#ended = true;
    for (const reader of this.#readers) reader.end();
  }
}
