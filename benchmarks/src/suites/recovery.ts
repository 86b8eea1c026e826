/**
 * How soon the system is back after a fault: the figures of the fault suite, whose scenarios do the harm.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure } from '../report/markdown.js';
import type { Suite } from '../suite.js';

const FAULTS = fileURLToPath(new URL('../../../packages/faults/dist/main.js', import.meta.url));

/** Scenarios that measure what is asked here, each with how often it is repeated. */
interface Trial {
  readonly what: string;
  readonly scenario: string;
  /** Which figures of the scenario these are. */
  readonly figures: RegExp;
  readonly size: 'short' | 'long';
  readonly repeat: number;
}

interface FaultResult {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, number | string>>;
}

export const recovery: Suite = {
  name: 'recovery',
  about:
    'kill → first event of the next attempt, release → takeover, Redis back → fast path; by the fault suite',
  seconds: { long: 300, short: 60 },
  run: async ({ size, rounds, note }) => {
    const redisTrials = rounds ?? (size === 'long' ? 3 : 1);
    const trials: Trial[] = [
      {
        what: 'kill → first event',
        scenario: 'worker-killed',
        figures: /first event|p99|kills/,
        size,
        repeat: 1,
      },
      {
        what: 'release → takeover',
        scenario: 'worker-asked-to-stop',
        figures: /claim|max|released/,
        size,
        repeat: 1,
      },
      {
        what: 'Redis back → fast path',
        scenario: 'redis-killed',
        figures: /fast path/,
        size: 'short',
        repeat: redisTrials,
      },
    ];
    const results: { trial: Trial; results: FaultResult[] }[] = [];
    for (const trial of trials) {
      note(`${trial.scenario}, ${String(trial.repeat)} times`);
      results.push({ trial, results: await runScenario(trial) });
    }
    return {
      tables: [
        {
          title: 'Recovery',
          head: ['what', 'scenario', 'seed', 'figure', 'value'],
          rows: results.flatMap(({ trial, results: runs }) =>
            runs.flatMap(({ seed, figures }) =>
              Object.entries(figures)
                .filter(([name]) => trial.figures.test(name))
                .map(([name, value]) => [
                  trial.what,
                  trial.scenario,
                  String(seed),
                  name,
                  typeof value === 'number' ? figure(value) : value,
                ]),
            ),
          ),
        },
      ],
      figures: results.map(({ trial, results: runs }) => ({
        what: trial.what,
        scenario: trial.scenario,
        runs,
      })),
      settings: { redisTrials },
      problems: results.flatMap(({ trial, results: runs }) =>
        runs.flatMap(({ problems }) => problems.map((problem) => `${trial.scenario}: ${problem}`)),
      ),
    };
  },
};

async function runScenario({ scenario, size, repeat }: Trial): Promise<FaultResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'longrun-bench-recovery-'));
  const json = join(folder, 'results.json');
  const args = [
    '--scenario',
    scenario,
    '--seed',
    '1',
    '--repeat',
    String(repeat),
    '--no-controls',
    '--json',
    json,
  ];
  try {
    const child = spawn(process.execPath, [FAULTS, ...args, ...(size === 'short' ? ['--short'] : [])], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'exit');
    return JSON.parse(readFileSync(json, 'utf8')) as FaultResult[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
