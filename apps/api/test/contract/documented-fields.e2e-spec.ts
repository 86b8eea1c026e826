/**
 * Every documented field of every request changes something, is refused by name, or is named as ignored where it means nothing: nothing
 * is ignored in silence. The list of
 * fields, `documented-fields.json`, is that of the platform's API description and of the newest official SDK.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { sdkClient } from '../sdk-versions.js';
import { apiUrl, startStack } from '../support.js';
import { AnswerCheck } from './answer-check.js';
import { FieldProbe, type FieldScenario } from './field-probe.js';
import { FIELDS_OF_ASSISTANTS } from './fields-of-assistants.js';
import { FIELDS_OF_CRONS_AND_STORE } from './fields-of-crons-and-store.js';
import { FIELDS_OF_RUNS } from './fields-of-runs.js';
import { FIELDS_OF_THREADS } from './fields-of-threads.js';

const DOCUMENTED = JSON.parse(
  readFileSync(new URL('./documented-fields.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;

const SCENARIOS: readonly FieldScenario[] = [
  ...FIELDS_OF_ASSISTANTS,
  ...FIELDS_OF_THREADS,
  ...FIELDS_OF_RUNS,
  ...FIELDS_OF_CRONS_AND_STORE,
];

let stack: TestStack;
let probe: FieldProbe;
let answers: AnswerCheck;
beforeAll(async () => {
  stack = await startStack({ apis: 1, workers: 1 });
  const url = apiUrl(stack);
  answers = await AnswerCheck.start(url);
  probe = new FieldProbe(stack, await sdkClient('1.15.0', url), url);
}, 120_000);
afterAll(() => stack.stop());

describe('a documented field', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.route, scenario.fields.join(', '), scenario] as const))(
    '%s: %s',
    async (route, _fields, scenario) => {
      await scenario.shows(probe);
      const sent = probe.sentTo(route);
      expect(scenario.fields.filter((field) => !sent.has(field))).toEqual([]);
    },
  );

  it('is in the list above, whichever it is', () => {
    const missing = Object.entries(DOCUMENTED).flatMap(([route, fields]) => {
      const shown = new Set(SCENARIOS.filter((one) => one.route === route).flatMap((one) => one.fields));
      return fields.filter((field) => !shown.has(field)).map((field) => `${route}: ${field}`);
    });
    expect(missing).toEqual([]);
  });

  it('is described in openapi.json as it is taken and answered', async () => {
    expect(await answers.problems()).toEqual([]);
    expect(answers.count).toBeGreaterThan(300);
  });
});
