/**
 * The list of everything that `longrun start` has started, on disk: the next start ends what a killed one left behind.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { endProcess, identify, isAlive } from '@longrun/local-services';
import type { EndingSteps, ProcessIdentity } from '@longrun/local-services';

/** What a process is, which decides how it is ended. */
export type ProcessKind = 'app' | 'redis' | 'postgres';

interface Entry extends ProcessIdentity {
  readonly name: string;
  readonly kind: ProcessKind;
}

/** The apps notice by themselves that their owner is gone; they only need a little time. */
const LEFTOVER_ENDING: Record<ProcessKind, EndingSteps> = {
  app: [['SIGTERM', 3_000]],
  redis: [['SIGTERM', 3_000]],
  postgres: [
    ['SIGINT', 5_000],
    ['SIGQUIT', 3_000],
  ],
};

export class ProcessLedger {
  private readonly entries = new Map<string, Entry>();
  private readonly file: string;

  constructor(dataDir: string) {
    this.file = join(dataDir, 'processes.json');
  }

  /** Notes that `name` is now this process. */
  record(name: string, kind: ProcessKind, pid: number): void {
    const identity = identify(pid);
    if (identity === undefined) this.entries.delete(name);
    else this.entries.set(name, { name, kind, ...identity });
    this.write();
  }

  /** Everything has ended. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  /** True while something on the list, as it is on disk, lives. */
  hasLiving(kind?: ProcessKind): boolean {
    return this.read().some((entry) => (kind === undefined || entry.kind === kind) && isAlive(entry));
  }

  /** Kills everything that lives, without asking; Postgres is told to stop at once, which keeps its data. */
  async killAll(): Promise<void> {
    await Promise.all(
      [...this.entries.values()].map((entry) =>
        endProcess(entry, entry.kind === 'postgres' ? [['SIGQUIT', 2_000]] : []).catch(() => undefined),
      ),
    );
    this.remove();
  }

  /**
   * Ends what an earlier owner left behind: first the apps, then Redis, then Postgres.
   *
   * @returns the names of what it ended
   */
  async endLeftovers(): Promise<string[]> {
    const left = this.read().filter((entry) => isAlive(entry));
    for (const kind of ['app', 'redis', 'postgres'] as const) {
      const group = left.filter((entry) => entry.kind === kind);
      await Promise.all(group.map((entry) => endProcess(entry, LEFTOVER_ENDING[kind])));
    }
    this.remove();
    return left.map(({ name }) => name);
  }

  private read(): Entry[] {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as Entry[];
    } catch {
      // No file, or half of one: written atomically, so it is nobody's.
      return [];
    }
  }

  private write(): void {
    const next = `${this.file}.${String(process.pid)}`;
    writeFileSync(next, JSON.stringify([...this.entries.values()]), { mode: 0o600 });
    renameSync(next, this.file);
  }
}
