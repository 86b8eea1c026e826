import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../test/fixture.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

interface Outcome {
  thread: { values: { messages: { content: string }[] } };
}

const human = (content: string): unknown => ({ messages: [{ role: 'user', content }] });
const last = (outcome: Outcome | undefined): string | undefined =>
  outcome?.thread.values.messages.at(-1)?.content;

async function execute(runs: unknown[], env: Record<string, string> = {}): Promise<Outcome[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      path.resolve('test/foreign-process.mjs'),
      path.resolve('../../examples/langgraph.json'),
      JSON.stringify({ runs }),
    ],
    { env: { PATH: process.env.PATH, TEST_DATABASE: database.url, ...env }, maxBuffer: 16 * 1024 * 1024 },
  );
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    error?: unknown;
    outcomes: Outcome[];
  };
  expect(result.error).toBeUndefined();
  return result.outcomes;
}

describe('the examples', () => {
  it('run without a key', async () => {
    const [sum, weather, asked, acted, report] = await execute([
      { graphId: 'agent', kwargs: { input: human('what is 6 * 7?') } },
      { graphId: 'agent', kwargs: { input: human('what is the weather in Paris?') } },
      { graphId: 'approval', kwargs: { input: human('please refund 20 euros') } },
      { graphId: 'approval', kwargs: { command: { resume: { approved: true, amount: 10 } } } },
      { graphId: 'report', kwargs: { input: { topic: 'lighthouses', sections: 2, pace_ms: 1 } } },
    ]);
    expect(last(sum)).toBe('The calculator says: 42.');
    expect(last(weather)).toMatch(/The weather says: .*Paris/);
    expect(asked).toMatchObject({ thread: { status: 'interrupted', next: ['ask'] } });
    expect(last(acted)).toMatch(/^Refunded 10 €/);
    expect(last(report)).toMatch(/# Report on lighthouses[\s\S]*## Beginnings[\s\S]*## How it works/);
  });

  it('use any endpoint that speaks the OpenAI API', async () => {
    const asked: string[] = [];
    const endpoint = createServer((request, response) => {
      request.setEncoding('utf8').on('data', () => undefined);
      const id = `answer${asked.length}`;
      asked.push(`${request.url} ${request.headers.authorization}`);
      const send = (delta: unknown): void => {
        const choice = { index: 0, delta, finish_reason: null };
        const chunk = { id, object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const called = { name: 'calculator', arguments: '{"a":6,"operator":"*","b":7}' };
      if (asked.length === 1)
        send({ role: 'assistant', tool_calls: [{ index: 0, id: 't', type: 'function', function: called }] });
      else for (const content of ['It ', 'is ', '42.']) send({ role: 'assistant', content });
      response.end('data: [DONE]\n\n');
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    const { port } = endpoint.address() as AddressInfo;
    const [answer] = await execute(
      [{ graphId: 'agent', kwargs: { input: human('what is 6 * 7?'), stream_mode: ['messages-tuple'] } }],
      { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'key', MODEL: 'm' },
    ).finally(() => endpoint.close());
    expect(last(answer)).toBe('It is 42.');
    expect(asked).toEqual(Array(2).fill('/v1/chat/completions Bearer key'));
  });
});
