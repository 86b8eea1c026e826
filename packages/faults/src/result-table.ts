/**
 * Results for people: one line a scenario.
 */
import type { ScenarioResult } from './run-suite.js';

const HEAD = ['scenario', 'seed', 'verdict', 's', 'control', 'measured'];

/** A table for a terminal. */
export function toTable(results: readonly ScenarioResult[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_head, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells({ scenario, seed, problems, seconds, control, figures }: ScenarioResult): string[] {
  return [
    scenario,
    String(seed),
    problems.length === 0 ? 'held' : `BROKEN (${String(problems.length)})`,
    String(seconds),
    control === null ? '-' : `${control.caught ? 'caught' : 'NOT CAUGHT'}: without ${control.without}`,
    figuresOf(figures),
  ];
}

/** `a 1 · b 2`. */
function figuresOf(figures: ScenarioResult['figures']): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ');
}
