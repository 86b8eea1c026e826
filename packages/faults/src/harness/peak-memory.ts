/**
 * The most memory that a process holds while it is watched.
 */
import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 50;

export class PeakMemory {
  readonly #timer: NodeJS.Timeout;
  #peakKb = 0;

  constructor(pid: number) {
    this.#timer = setInterval(() => (this.#peakKb = Math.max(this.#peakKb, residentKb(pid))), LOOK_EVERY_MS);
  }

  /** Stops watching. @returns bytes */
  stop(): number {
    clearInterval(this.#timer);
    return this.#peakKb * 1_024;
  }
}

/** 0 for a process that is gone. */
function residentKb(pid: number): number {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
    return Number(kb ?? 0);
  } catch {
    return 0;
  }
}
