/**
 * What the rest of the machine did meanwhile: figures of a busy machine are to be taken for what they are.
 */
import { readFileSync } from 'node:fs';
import { nowMs } from './clock.js';
import { parseCpuMs } from './process-usage.js';

const TICKS_PER_SECOND = 100;

/** Starts the watch. @returns cores that other processes have used on average since then */
export function watchOtherLoad(): () => number {
  const [startedAt, busy, own] = [nowMs(), busyMs(), ownMs()];
  return () => Math.max(0, (busyMs() - busy - (ownMs() - own)) / (nowMs() - startedAt));
}

/** Processor time of the whole machine that was not idle, milliseconds. */
export function parseBusyMs(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return ((user + nice + system + interrupts + softInterrupts) * 1_000) / TICKS_PER_SECOND;
}

function busyMs(): number {
  return parseBusyMs(readFileSync('/proc/stat', 'utf8'));
}

/** Of this process, and of all below it that has ended: so it is read when the servers have been stopped. */
function ownMs(): number {
  return parseCpuMs(readFileSync('/proc/self/stat', 'utf8'));
}
