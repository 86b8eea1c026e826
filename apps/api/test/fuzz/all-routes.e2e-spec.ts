/**
 * Broken requests at random on all routes, several at a time: every one is answered, none with a 5xx, and the database is whole afterwards.
 * The seed is in the name of the test; FUZZ_SEED repeats another, FUZZ_REQUESTS sends more.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom, waitUntil } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import type { Things } from '../auth/things.js';
import { apiUrl, clientOf, query, startStack } from '../support.js';
import { FUZZ_AT_ONCE, FUZZ_REQUESTS, FUZZ_SEED } from './fuzz-settings.js';
import { broken, hostileChoice, type RawRequest } from './hostile-requests.js';
import { brokenChecks, knownRuns, MARK_HEADER, marksOfRuns } from './record-checks.js';
import { RequestGenerator } from './request-generator.js';
import { routesOf } from './routes.js';
import { sendRaw, type RawAnswer } from './send-raw.js';

/** Share of the fields that a route does not require. */
const OPTIONAL_FIELDS = 0.05;

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({
    apis: 1,
    workers: 1,
    restart: false,
    // What is deleted stays to be looked at.
    env: {
      TEMPORARY_THREAD_SECONDS: '3600',
      BODY_LIMIT_BYTES: '1000000',
      // The only route that may think for long, within this limit.
      LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS: '3000',
    },
  });
});
afterAll(() => stack.stop());

async function makeThings(): Promise<Things> {
  const client = clientOf(stack);
  const { thread_id: thread } = await client.threads.create();
  const { assistant_id: assistant } = await client.assistants.create({ graphId: 'steps' });
  const { run_id: run } = await client.runs.create(thread, 'steps', { input: { ms: 1 } });
  const schedule = '0 0 1 1 *';
  const { cron_id: cron } = await client.crons.createForThread(thread, 'steps', { schedule });
  await client.runs.join(thread, run);
  return { thread, assistant, run, cron };
}

interface Sent {
  mark: string;
  request: RawRequest;
  answer: RawAnswer;
}

const statusOf = ({ answer }: Sent): number => (answer.kind === 'answer' ? answer.status : 0);

/** Ids of the runs that an answer says it has accepted. */
function acceptedRuns({ request, answer }: Sent): string[] {
  if (answer.kind !== 'answer' || answer.status >= 300 || request.method !== 'POST') return [];
  if (!/\/runs(\/(stream|wait|batch))?(\?|$)/.test(request.path)) return [];
  const location = String(answer.headers['content-location'] ?? '');
  const named = /\/runs\/([0-9a-f-]{36})/.exec(location)?.[1];
  if (named !== undefined) return [named];
  return [...answer.text.matchAll(/"run_id":"([0-9a-f-]{36})"/g)].map(([, id]) => id ?? '');
}

/** As much of it as somebody needs to send it again. */
function shown({ mark, request, answer }: Sent): object {
  const payload = request.payload?.toString('utf8').slice(0, 400);
  const text = answer.kind === 'answer' ? { ...answer, text: answer.text.slice(0, 300) } : answer;
  return { mark, ...request, payload, answer: text };
}

describe('requests that are broken at random', () => {
  it(`are all answered, and break nothing (seed ${String(FUZZ_SEED)})`, async () => {
    const random = new SeededRandom(FUZZ_SEED);
    const things = await makeThings();
    const unknown = { thread: randomUUID(), assistant: randomUUID(), run: randomUUID(), cron: randomUUID() };
    // What may be deleted: all else that was accepted has to be there at the end.
    const doomed = await makeThings();
    const description = await (await fetch(`${apiUrl(stack)}/openapi.json`)).text();
    const all = routesOf(description);
    const deletes = (route: { method: string; path: string }): boolean =>
      route.method === 'DELETE' || /prune|requeue/.test(route.path);
    const given = { random, own: unknown, graphs: ['steps'], choose: hostileChoice(random) };
    const keeping = new RequestGenerator({
      ...given,
      routes: all.filter((route) => !deletes(route)),
      others: things,
    });
    const deleting = new RequestGenerator({ ...given, routes: all.filter(deletes), others: doomed });

    const sent: Sent[] = [];
    let begun = 0;
    const send = async (): Promise<void> => {
      while (begun < FUZZ_REQUESTS) {
        const mark = String((begun += 1));
        const generator = random.next() < 0.1 ? deleting : keeping;
        const request = broken(random, generator.request(OPTIONAL_FIELDS));
        request.headers[MARK_HEADER] = mark;
        sent.push({ mark, request, answer: await sendRaw(apiUrl(stack), request) });
      }
    };
    await Promise.all(Array.from({ length: FUZZ_AT_ONCE }, send));

    const isWrong = (one: Sent): boolean =>
      statusOf(one) >= 500 || one.answer.kind === 'hung' || one.answer.kind === 'cut';
    expect(sent.filter(isWrong).map(shown)).toEqual([]);
    // Nobody has died: with `restart: false` a process that is gone stays gone.
    for (const { pid } of [...stack.info.apis, ...stack.info.workers])
      expect(process.kill(pid, 0)).toBe(true);
    expect(await (await fetch(`${apiUrl(stack)}/ok`)).json()).toEqual({ ok: true });

    // What was accepted ends, also what was to begin later.
    await query(stack, `UPDATE run SET due_at = now() WHERE status = 'pending'`);
    await waitUntil(
      async () => {
        const active = await query(stack, `SELECT 1 FROM run WHERE status IN ('pending', 'running') LIMIT 1`);
        return active.length === 0;
      },
      { message: 'all runs to end', timeoutMs: 60_000 },
    );
    expect(await brokenChecks(stack)).toEqual({});

    const accepted = sent.flatMap(acceptedRuns);
    const known = await knownRuns(stack, accepted);
    expect(accepted.filter((id) => !known.has(id))).toEqual([]);
    const marks = await marksOfRuns(stack);
    const refused = sent.filter((one) => statusOf(one) >= 400);
    expect(refused.filter(({ mark }) => marks.has(mark)).map(shown)).toEqual([]);

    // Otherwise it proves little: requests have to get through, and to be refused.
    expect(accepted.length).toBeGreaterThan(FUZZ_REQUESTS / 100);
    expect(refused.length).toBeGreaterThan(FUZZ_REQUESTS / 4);
  }, 240_000);
});
