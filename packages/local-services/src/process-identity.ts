/**
 * Whether a pid still is the process that it was: numbers are given out again, the time of a start is not.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process and the moment of its start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal only for the same process since the machine's start. */
  readonly startedAt: string;
}

/** Identity of a living process; undefined when there is none, or only its corpse. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** True while exactly this process lives. */
export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startedAt === process.startedAt;
}

/** Command line of a process, its arguments separated by blanks; empty when there is none. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
        .replaceAll('\0', ' ')
        .trim();
    } catch {
      return '';
    }
  }
  return ps(pid, 'command=') ?? '';
}

/** Pid of the parent; undefined when the process is gone. */
export function parentOf(pid: number): number | undefined {
  const text = process.platform === 'linux' ? statFields(pid)?.[1] : ps(pid, 'ppid=');
  return text === undefined ? undefined : Number(text);
}

function startOnLinux(pid: number): string | undefined {
  const fields = statFields(pid);
  // A zombie has ended; only its parent has not noticed.
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Fields of /proc/<pid>/stat from the third (state) on: the second, the name, may hold blanks and parentheses. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  const [state, ...start] = (ps(pid, 'state=,lstart=') ?? '').split(/\s+/);
  return state === undefined || state === '' || state.startsWith('Z') ? undefined : start.join(' ');
}

function ps(pid: number, columns: string): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
