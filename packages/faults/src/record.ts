/**
 * Keeps the newest result of each scenario in `packages/faults/results.json`, from which `docs/fault-matrix.md` is generated.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ScenarioResult } from './run-suite.js';
import { SCENARIOS } from './scenarios/index.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FILE = fileURLToPath(new URL('../results.json', import.meta.url));
/** What recording itself changes, from the root. */
const RESULT_FILES = ['packages/faults/results.json', 'docs/fault-matrix.md'];

/** A result with what is needed to have it again. */
interface RecordedResult {
  readonly scenario: string;
  readonly fault: string;
  readonly must: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly size: 'short' | 'long';
  readonly seeds: readonly number[];
  readonly held: boolean;
  readonly problems: readonly string[];
  readonly figures: ScenarioResult['figures'];
  readonly control: { readonly without: string; readonly caught: boolean } | null;
}

/** Replaces the results of the scenarios that were run; the others stay. */
export function record(results: readonly ScenarioResult[]): void {
  const kept = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as RecordedResult[]) : [];
  const about = { date: new Date().toISOString().slice(0, 10), commit: commitOf(), machine: machine() };
  const byName = new Map(kept.map((result) => [result.scenario, result]));
  for (const { name, fault, must } of SCENARIOS) {
    const runs = results.filter(({ scenario }) => scenario === name);
    const last = runs.at(-1);
    if (!last) continue;
    const control = runs.find((run) => run.control)?.control;
    byName.set(name, {
      scenario: name,
      fault,
      must,
      ...about,
      size: last.size,
      seeds: runs.map(({ seed }) => seed),
      held: runs.every(({ problems }) => problems.length === 0),
      problems: runs.flatMap(({ problems }) => problems).slice(0, 5),
      figures: last.figures,
      control: control ? { without: control.without, caught: control.caught } : null,
    });
  }
  const ordered = SCENARIOS.flatMap(({ name }) => byName.get(name) ?? []);
  writeFileSync(FILE, `${JSON.stringify(ordered, null, 2)}\n`);
}

/** The commit that was run, with `-dirty` when anything but earlier results had been changed. */
function commitOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', ROOT, ...args])
      .toString()
      .trim();
  const changed = git('status', '--porcelain', '--', '.', ...RESULT_FILES.map((file) => `:!${file}`));
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '-dirty'}`;
}

function machine(): string {
  return `${String(cpus().length)} cores, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node.js ${process.versions.node}`;
}
