/**
 * What processes have used, from /proc: processor time and memory, each process with everything below it.
 */
import { readFileSync } from 'node:fs';
import { processTree } from '@longrun/testing';
import { sum } from './statistics.js';

/** One process of a server, by what it is: `api`, `worker`, `postgres`. Several may have the same name. */
export interface ServerProcess {
  readonly name: string;
  readonly pid: number;
}

/** Processor time in milliseconds and memory in MB, by name. */
export interface Usage {
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly rssMb: Readonly<Record<string, number>>;
}

/** Ticks per second of the times in /proc: the kernel says USER_HZ, which is 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/** Reads all of them. What has ended meanwhile counts with its parent. */
export function readUsage(processes: readonly ServerProcess[]): Usage {
  const cpuMs: Record<string, number> = {};
  const rssMb: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const tree = processTree(pid);
    cpuMs[name] = (cpuMs[name] ?? 0) + sum(tree.map(cpuOf));
    rssMb[name] = (rssMb[name] ?? 0) + memoryOf(tree);
  }
  return { cpuMs, rssMb };
}

/** Processor time between two readings, milliseconds by name. */
export function cpuBetween(before: Usage, after: Usage): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after.cpuMs).map(([name, ms]) => [name, Math.max(0, ms - (before.cpuMs[name] ?? 0))]),
  );
}

/** User and system time of a process and of its children that have ended, milliseconds. */
export function parseCpuMs(stat: string): number {
  // The second field, the program's name, may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = sum(fields.slice(11, 15).map(Number));
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/** Memory of a group of processes, MB: what they share, as the processes of Postgres do, counts once. */
export function parseMemoryMb(statuses: readonly string[]): number {
  const fieldKb = (status: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const own = sum(statuses.map((status) => fieldKb(status, 'RssAnon')));
  const shared = ['RssFile', 'RssShmem'].map((name) =>
    Math.max(0, ...statuses.map((status) => fieldKb(status, name))),
  );
  return (own + sum(shared)) / 1_024;
}

function cpuOf(pid: number): number {
  const stat = readProc(pid, 'stat');
  return stat === undefined ? 0 : parseCpuMs(stat);
}

function memoryOf(pids: readonly number[]): number {
  return parseMemoryMb(pids.flatMap((pid) => readProc(pid, 'status') ?? []));
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
