/**
 * Results for programs and for later: what was measured, on which machine, of which commit, with which settings.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { SuiteResult } from '../suite.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RESULTS = fileURLToPath(new URL('../../results', import.meta.url));
/** Those that git keeps. */
const RECORDED = `${RESULTS}/recorded`;

export interface Recorded {
  readonly suite: string;
  readonly date: string;
  /** With `-dirty` when anything but results had been changed. */
  readonly commit: string;
  readonly machine: string;
  /** Cores that other processes used meanwhile, on average. */
  readonly otherLoad: number;
  readonly size: 'short' | 'long';
  readonly settings: SuiteResult['settings'];
  readonly problems: SuiteResult['problems'];
  readonly figures: unknown;
}

export function recordOf(
  suite: string,
  size: 'short' | 'long',
  otherLoad: number,
  result: SuiteResult,
): Recorded {
  const { settings, problems, figures } = result;
  return {
    suite,
    date: new Date().toISOString(),
    commit: commitOf(),
    machine: machine(),
    otherLoad,
    size,
    settings,
    problems,
    figures,
  };
}

/** Writes `benchmarks/results/<suite>.json`; with `keep` as a file that git takes, which it else ignores. */
export function writeRecord(record: Recorded, keep: boolean): string {
  const folder = keep ? RECORDED : RESULTS;
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${record.suite}.json`;
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  return file;
}

/** The newest record of a suite, undefined when there is none. */
export function readRecord(suite: string): Recorded | undefined {
  const [newest] = [RESULTS, RECORDED]
    .map((folder) => `${folder}/${suite}.json`)
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Recorded)
    .sort((a, b) => b.date.localeCompare(a.date));
  return newest;
}

export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `${String(cpus().length)} cores (${model}), ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node.js ${process.versions.node}`;
}

function commitOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', ROOT, ...args])
      .toString()
      .trim();
  try {
    const changed = git('status', '--porcelain', '--', '.', ':!benchmarks/results');
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '-dirty'}`;
  } catch {
    return 'unknown';
  }
}
