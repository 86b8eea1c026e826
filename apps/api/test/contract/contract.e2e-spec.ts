/**
 * The contract: every method of every resource of every supported version of the official SDK, called against the real stack. Its
 * result is `results.json`, from which `docs/compatibility.md` is made; a run whose result differs from the file fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import type { Client } from 'langgraph-sdk-1.15';
import { SDK_VERSIONS, sdkClient, type SdkVersion } from '../sdk-versions.js';
import { apiUrl, startStack } from '../support.js';
import { AnswerCheck } from './answer-check.js';
import { ASSISTANTS } from './assistants.rows.js';
import { hasMethod, type ContractRow } from './contract-row.js';
import { CRONS } from './crons.rows.js';
import { OTHERS } from './other.rows.js';
import { RUNS } from './runs.rows.js';
import { STORE } from './store.rows.js';
import { THREADS } from './threads.rows.js';

type Verdict = 'passes' | 'fails' | 'not in this version';

const RESOURCES = { assistants: ASSISTANTS, threads: THREADS, runs: RUNS, crons: CRONS, store: STORE };
const SECTIONS: Record<string, readonly ContractRow[]> = { ...RESOURCES, other: OTHERS };
const RESULTS = new URL('./results.json', import.meta.url);

let stack: TestStack;
let answers: AnswerCheck;
const clients = {} as Record<SdkVersion, Client>;
const verdicts = new Map<string, Verdict>();
const nameOf = ({ endpoint, method }: ContractRow, how: string): string =>
  `contract: ${endpoint} | ${method === null ? 'HTTP' : `client.${method}`} | ${how}`;

beforeAll(async () => {
  const env = { WEBHOOK_ALLOW_PRIVATE: 'true' };
  stack = await startStack({ apis: 1, workers: 1, env });
  answers = await AnswerCheck.start(apiUrl(stack));
  for (const version of SDK_VERSIONS) clients[version] = await sdkClient(version, apiUrl(stack));
}, 120_000);
afterAll(() => stack.stop());

async function judge(row: ContractRow, how: string, client: Client): Promise<void> {
  verdicts.set(nameOf(row, how), 'fails');
  await row.holds({ client, url: apiUrl(stack) });
  verdicts.set(nameOf(row, how), 'passes');
}

describe.each(SDK_VERSIONS)('version %s', (version) => {
  const rows = Object.values(SECTIONS)
    .flat()
    .filter(({ method, versions }) => method !== null && (versions?.includes(version) ?? true));
  it.each(rows.map((row) => [nameOf(row, version), row] as const))('%s', async (name, row) => {
    if (hasMethod(clients[version], row.method ?? '')) await judge(row, version, clients[version]);
    else verdicts.set(name, 'not in this version');
  });

  it.each(Object.entries(RESOURCES))(
    'has no method of %s that the contract leaves out',
    (resource, known) => {
      const methods = Object.getPrototypeOf(
        (clients[version] as unknown as Record<string, object>)[resource],
      ) as object;
      const called = new Set([...known.map(({ method }) => method), `${resource}.constructor`]);
      const all = Object.getOwnPropertyNames(methods).map((name) => `${resource}.${name}`);
      expect(all.filter((method) => !called.has(method))).toEqual([]);
    },
  );
});

describe('without an SDK', () => {
  const rows = Object.values(SECTIONS)
    .flat()
    .filter(({ method }) => method === null);
  it.each(rows.map((row) => [nameOf(row, 'fetch'), row] as const))('%s', async (_name, row) => {
    await judge(row, 'fetch', clients['1.15.0']);
  });
});

describe('the description of the API', () => {
  it('is true of every answer above', async () => {
    expect(await answers.problems()).toEqual([]);
    expect(answers.count).toBeGreaterThan(500);
  });
});

describe('the table', () => {
  it('says what the tests found; UPDATE_CONTRACT=1 writes it, "pnpm generate" makes the page from it', () => {
    const sections = Object.entries(SECTIONS).map(([section, rows]) => [section, rows.map(resultOf)]);
    const found = Object.fromEntries(sections) as object;
    if (process.env['UPDATE_CONTRACT'] === '1') {
      writeFileSync(RESULTS, `${JSON.stringify(found, null, 2)}\n`);
    }
    expect(JSON.parse(readFileSync(RESULTS, 'utf8'))).toEqual(found);
  });
});

function resultOf(row: ContractRow): { endpoint: string; method: string | null; results: object } {
  const columns = row.method === null ? ['fetch'] : SDK_VERSIONS;
  const results = columns.map((how) => [how, verdicts.get(nameOf(row, how)) ?? 'not in this version']);
  return { endpoint: row.endpoint, method: row.method, results: Object.fromEntries(results) as object };
}
