/**
 * Random requests on all routes by somebody whose things they are not: nothing leaks, nothing breaks, nothing of the owner changes. The
 * seed is in the name of the test; FUZZ_SEED repeats another, FUZZ_REQUESTS sends more.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { FUZZ_AT_ONCE, FUZZ_REQUESTS, FUZZ_SEED } from '../fuzz/fuzz-settings.js';
import { RequestGenerator } from '../fuzz/request-generator.js';
import { routesOf } from '../fuzz/routes.js';
import { clientAs, request, startAuthStack } from './auth-stack.js';
import { recordOfOwner, thingsOf, type Things } from './things.js';

const SECRET = 'the secret of alice';
/** A stream of one's own may stay open. */
const LONGEST_MS = 1_000;

let stack: TestStack;
let hers: Things;
let own: Things;
beforeAll(async () => {
  stack = await startAuthStack();
  hers = await thingsOf(clientAs(stack, 'alice'), SECRET);
  own = await thingsOf(clientAs(stack, 'bob'), 'of bob');
});
afterAll(() => stack.stop());

describe('somebody who asks at random', () => {
  it(`learns nothing, breaks nothing and changes nothing that is not theirs (seed ${String(FUZZ_SEED)})`, async () => {
    const { text: description } = await request(stack, null, 'GET', '/openapi.json');
    const fuzz = new RequestGenerator({
      random: new SeededRandom(FUZZ_SEED),
      routes: routesOf(description),
      others: hers,
      own,
      graphs: ['whoami', 'steps'],
    });
    const before = await recordOfOwner(stack, 'alice');
    const statuses = new Map<number, number>();
    const wrong: unknown[] = [];
    let sent = 0;
    const send = async (): Promise<void> => {
      while (sent < FUZZ_REQUESTS) {
        sent += 1;
        const { method, path, body } = fuzz.request();
        const signal = AbortSignal.timeout(LONGEST_MS);
        const answer = await request(stack, 'bob', method, path, { body, signal }).catch(() => null);
        if (!answer) continue;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status >= 500 || answer.text.includes(SECRET))
          wrong.push({ method, path, body, ...answer });
      }
    };
    await Promise.all(Array.from({ length: FUZZ_AT_ONCE }, send));
    expect(wrong).toEqual([]);
    expect(await recordOfOwner(stack, 'alice')).toEqual(before);
    // Otherwise it proves little: requests have to get through too.
    expect(statuses.get(200)).toBeGreaterThan(FUZZ_REQUESTS / 50);
    expect(statuses.get(404)).toBeGreaterThan(FUZZ_REQUESTS / 50);
  });
});
