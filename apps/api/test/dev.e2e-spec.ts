/**
 * `longrun dev` on a project outside this repository: edits of its graphs, and its end, do not end its runs.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@langchain/langgraph-sdk';
import { makeTemporaryDataDir } from '@longrun/local-services';
import { waitUntil } from '@longrun/testing';
import { startSingle, type SingleProcess } from './dev-process.js';
import { collect, ids, upTo, type SeenEvent } from './support.js';

const STEPS = 8;
const GRAPH = `
import { Annotation, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';
import { word } from './lib/word';

const State = Annotation.Root({ ms: Annotation<number>, until: Annotation<string>, n: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }) });
const step = async ({ n, ms, until }: typeof State.State, { writer }: LangGraphRunnableConfig) => {
  writer?.(\`\${n} \${word}\`);
  do await new Promise((resolve) => setTimeout(resolve, ms));
  while (n === 2 && until && word !== until);
  return { n: n + 1 };
};
export const graph = new StateGraph(State)
  .addNode('step', step)
  .addEdge('__start__', 'step')
  .addConditionalEdges('step', ({ n }) => (n < ${STEPS} ? 'step' : '__end__'));
`;

/** What the steps of the graph have written. */
const written = (events: readonly SeenEvent[]): unknown[] =>
  events.filter(({ event }) => event === 'custom').map(({ data }) => data);

describe('longrun dev', () => {
  let project: string;
  let dev: SingleProcess;
  const clientOf = (): Client => new Client({ apiUrl: dev.api().url, apiKey: null });
  const start = async (): Promise<void> => {
    dev = await startSingle(['dev', '--no-browser'], {
      config: project,
      dataDir: join(project, '.longrun'),
    });
  };
  const say = (word: string): void => {
    writeFileSync(join(project, 'lib/word.ts'), word);
  };
  /** A run of the graph; resolves when its third step has begun, with what was seen of it. */
  const runToThird = async (input: {
    ms: number;
    until?: string;
  }): Promise<{ threadId: string; runId: string; seen: SeenEvent[] }> => {
    const client = clientOf();
    const { thread_id: threadId } = await client.threads.create();
    const { run_id: runId } = await client.runs.create(threadId, 'agent', {
      input,
      streamMode: ['custom'],
      durability: 'sync',
    });
    const seen: SeenEvent[] = [];
    for await (const { id, event, data } of client.runs.joinStream(threadId, runId, { lastEventId: '-1' })) {
      if (event === '') continue;
      seen.push({ id, event, data, atMs: 0 });
      if (written(seen).length === 3) break;
    }
    return { threadId, runId, seen };
  };
  const rest = ({ threadId, runId, seen }: Awaited<ReturnType<typeof runToThird>>): Promise<SeenEvent[]> =>
    collect(clientOf().runs.joinStream(threadId, runId, { lastEventId: seen.at(-1)?.id ?? '' }));
  /** The attempts that its events tell of. */
  const attempts = (events: readonly SeenEvent[]): unknown[] =>
    events
      .filter(({ event }) => event === 'metadata')
      .map(({ data }) => (data as { attempt?: number }).attempt);

  beforeAll(async () => {
    project = makeTemporaryDataDir('longrun-project-');
    symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(project, 'node_modules'));
    mkdirSync(join(project, 'lib'));
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    writeFileSync(join(project, 'langgraph.json'), '{"graphs":{"agent":"./agent.ts:graph"}}');
    writeFileSync(join(project, 'agent.ts'), GRAPH);
    say('export const word: string = "one";');
    await start();
  }, 120_000);
  afterAll(async () => {
    await dev.interrupt();
    rmSync(project, { recursive: true, force: true });
  }, 30_000);

  it('goes on with a run in the new code after an edit, and its reader by the last id that it has', async () => {
    const { pid } = dev.api();
    const run = await runToThird({ ms: 20, until: 'two' });
    say('export const word: string = "two";');
    await waitUntil(() => dev.api().pid !== pid, {
      timeoutMs: 40_000,
      message: 'the process to be replaced',
    });
    const all = [...run.seen, ...(await rest(run))];
    expect(ids(all)).toEqual(upTo(all.length));
    const steps = written(all).map(String);
    const two = upTo(STEPS).slice(2);
    expect(steps).toEqual(['0 one', '1 one', '2 one', ...two.map((n) => `${n} two`)]);
    expect(attempts(all)).toEqual([1, 2]);
    expect(await clientOf().runs.get(run.threadId, run.runId)).toMatchObject({ status: 'success' });
  }, 90_000);

  it('serves the last code that loads while an edit does not', async () => {
    const { pid } = dev.api();
    say('export const word: string = ;');
    await waitUntil(() => dev.output().includes('cannot be loaded'), {
      timeoutMs: 30_000,
      message: 'a note',
    });
    const seen = await collect(
      clientOf().runs.stream(null, 'agent', { input: { ms: 0 }, streamMode: 'custom' }),
    );
    expect(written(seen).at(-1)).toBe('7 two');
    expect(dev.api().pid).toBe(pid);
    say('export const word: string = "two";');
  }, 60_000);

  it.each(['Ctrl-C', 'kill -9'])(
    'goes on with a run at its next start after %s',
    async (how) => {
      const run = await runToThird({ ms: 500 });
      if (how === 'Ctrl-C') expect(await dev.interrupt()).toBe(0);
      else await dev.kill();
      await start();
      const all = [...run.seen, ...(await rest(run))];
      expect(ids(all)).toEqual(upTo(all.length));
      expect([...new Set(written(all))]).toEqual(upTo(STEPS).map((n) => `${n} two`));
      expect(attempts(all)).toEqual([1, 2]);
      expect(await clientOf().runs.get(run.threadId, run.runId)).toMatchObject({ status: 'success' });
    },
    90_000,
  );
});
