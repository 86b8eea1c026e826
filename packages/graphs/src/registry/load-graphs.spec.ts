import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../test/fixture.js';
import { createForeignFolder, type ForeignFolder } from '../../test/foreign-folder.js';

const STATE = `Annotation.Root({
  messages: messagesChannel,
  log: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }),
})`;

const FILES: Record<string, string> = {
  'package.json': '{"type": "module"}',
  'values.env': 'FROM_FILE=file\nDATABASE_URL=postgres://evil\nALREADY_SET=file\n',
  'compiled.ts': `
    import { Annotation, Command, MessagesAnnotation, StateGraph, interrupt } from '@langchain/langgraph';
    import { AIMessage } from '@langchain/core/messages';
    import { word } from './lib/word';
    const messagesChannel = MessagesAnnotation.spec.messages;
    enum Kind { Answer = 'answer' }
    const state = ${STATE};
    export const graph = new StateGraph(state)
      .addNode('ask', () => {
        const answer: string = interrupt({ question: word });
        return { log: [\`\${Kind.Answer}:\${answer}\`], messages: [new AIMessage({ id: 'm', content: answer })] };
      }, { ends: ['jump'] })
      .addNode('jump', (input: { log?: string[] }) => ({ log: ['jump', ...(input.log ?? [])] }))
      .addEdge('__start__', 'ask')
      .compile();`,
  'lib/word.ts': `export const word = 'sure?' as const;`,
  'builder.js': `
    import { Annotation, MessagesAnnotation, StateGraph } from '@langchain/langgraph';
    const messagesChannel = MessagesAnnotation.spec.messages;
    export default new StateGraph(${STATE}).addNode('a', () => ({ log: ['builder'] })).addEdge('__start__', 'a');`,
  'factory.ts': `
    import { Annotation, MessagesAnnotation, StateGraph } from '@langchain/langgraph';
    const messagesChannel = MessagesAnnotation.spec.messages;
    export async function make(config: { configurable?: Record<string, unknown> }) {
      const name = String(config.configurable?.name);
      return new StateGraph(${STATE}).addNode('a', () => ({ log: [name] })).addEdge('__start__', 'a');
    }`,
  'common/package.json': '{"type": "commonjs"}',
  'common/promise.cjs': `
    const { Annotation, MessagesAnnotation, StateGraph, Send } = require('@langchain/langgraph');
    const messagesChannel = MessagesAnnotation.spec.messages;
    module.exports.graph = Promise.resolve(
      new StateGraph(${STATE})
        .addNode('a', () => ({ log: ['cjs'] }), { ends: ['jump'] })
        .addNode('jump', (input) => ({ log: ['jump', ...(input.log ?? [])] }))
        .addEdge('__start__', 'a').compile());`,
  'common/typed.ts': `
    import { Annotation, MessagesAnnotation, StateGraph } from '@langchain/langgraph';
    const messagesChannel = MessagesAnnotation.spec.messages;
    const made = new StateGraph(${STATE}).addNode('a', (): { log: string[] } => ({ log: ['cts'] })).addEdge('__start__', 'a');
    export default made.compile();`,
  'broken.ts': `export const graph = ;`,
  'throws.ts': `throw new Error('no api key'); export const graph = 1;`,
  'number.ts': `export const graph = 42; export const other = 1;`,
};

let folder: ForeignFolder;
let database: TestDatabase;
beforeAll(async () => {
  [folder, database] = await Promise.all([createForeignFolder(FILES), createDatabase()]);
});
afterAll(() => Promise.all([folder.remove(), database.close()]));

const run = (runs: unknown[]): unknown => ({ runs });

describe('loading the graphs of another folder, with its own copy of LangGraph, in a plain process', () => {
  it('executes every form of graph', async () => {
    const graphs = {
      compiled: './compiled.ts:graph',
      builder: { path: './builder.js', description: 'A builder' },
      factory: './factory.ts:make',
      promise: './common/promise.cjs:graph',
      typed: './common/typed.ts',
    };
    const input = { log: ['in'] };
    const result = await folder.load(
      { graphs },
      run([
        { graphId: 'builder', kwargs: { input } },
        { graphId: 'factory', kwargs: { input, config: { configurable: { name: 'made' } } } },
        { graphId: 'promise', kwargs: { input } },
        { graphId: 'typed', kwargs: { input } },
      ]),
      { TEST_DATABASE: database.url },
    );
    expect(result.error).toBeUndefined();
    expect(result.graphs).toContainEqual({ id: 'builder', description: 'A builder' });
    const logs = (result.outcomes as { thread: { values: { log: string[] } } }[]).map((o) =>
      o.thread.values.log.at(-1),
    );
    expect(logs).toEqual(['builder', 'made', 'cjs', 'cts']);
  });

  it('pauses, resumes and flattens messages across the copies', async () => {
    const { outcomes, error } = await folder.load(
      { graphs: { compiled: './compiled.ts:graph' } },
      run([
        { graphId: 'compiled', kwargs: { input: { log: ['in'] } } },
        { graphId: 'compiled', kwargs: { command: { resume: 'yes' } } },
      ]),
      { TEST_DATABASE: database.url },
    );
    expect(error).toBeUndefined();
    expect(outcomes).toMatchObject([
      { status: 'success', thread: { status: 'interrupted', next: ['ask'] } },
      {
        status: 'success',
        thread: { values: { log: ['in', 'answer:yes'], messages: [{ type: 'ai', content: 'yes' }] } },
      },
    ]);
  });

  it.each(['compiled', 'promise'])(
    'sends a jump with an input to the copy that made the graph: %s',
    async (graphId) => {
      const { outcomes } = await folder.load(
        { graphs: { compiled: './compiled.ts:graph', promise: './common/promise.cjs:graph' } },
        run([{ graphId, kwargs: { command: { goto: { node: 'jump', input: { log: ['given'] } } } } }]),
        { TEST_DATABASE: database.url },
      );
      expect(outcomes).toMatchObject([{ status: 'success', thread: { values: { log: ['jump', 'given'] } } }]);
    },
  );

  it('names every file that cannot be loaded, and why, at once', async () => {
    const { error } = await folder.load(
      {
        graphs: {
          good: './builder.js',
          broken: './broken.ts:graph',
          throws: './throws.ts:graph',
          number: './number.ts:graph',
          export: './number.ts:missing',
          file: './nowhere.ts:graph',
          python: './agent.py:graph',
        },
      },
      {},
    );
    expect(error).toMatchObject({ code: 'GRAPH_LOAD_FAILED' });
    const { message } = error as { message: string };
    expect(message).toMatch(/6 of 7 graphs/);
    for (const part of [
      /graph "broken" \(.*broken\.ts\): .+/,
      /graph "throws" .*no api key/,
      /graph "number" .*is not a graph/,
      /graph "export" .*no export "missing"; it exports: .*graph/,
      /graph "file" .*does not exist/,
      /graph "python" .*Python/,
    ]) {
      expect(message).toMatch(part);
    }
  });

  it('sets the env of the file, but nothing that is set or that Longrun owns', async () => {
    const names = ['FROM_FILE', 'ALREADY_SET', 'DATABASE_URL'];
    const config = { graphs: { builder: './builder.js' }, env: './values.env' };
    const fromFile = await folder.load(config, { env: names }, { ALREADY_SET: 'process' });
    expect(fromFile.env).toEqual({ FROM_FILE: 'file', ALREADY_SET: 'process', DATABASE_URL: null });
    const fromObject = await folder.load(
      { ...config, env: { NUMBER: 1, REDIS_URL: 'x', CRASH_LIMIT: 9, API_KEY: 'k' } },
      { env: ['NUMBER', 'REDIS_URL', 'CRASH_LIMIT', 'API_KEY'] },
    );
    expect(fromObject.env).toEqual({ NUMBER: '1', REDIS_URL: null, CRASH_LIMIT: null, API_KEY: 'k' });
    const missing = await folder.load({ ...config, env: './nowhere.env' }, {});
    expect(missing.error).toBeUndefined();
    const fromList = await folder.load({ ...config, env: ['SOME_KEY'] }, { env: ['SOME_KEY'] });
    expect(fromList).toMatchObject({ env: { SOME_KEY: null }, graphs: [{ id: 'builder' }] });
  });

  it('says what is wrong with a langgraph.json that names no graph', async () => {
    const { error } = await folder.load({ graphs: {} }, {});
    expect(error).toMatchObject({
      code: 'GRAPH_LOAD_FAILED',
      message: expect.stringContaining('names no graph'),
    });
  });
});
