/**
 * Schemas from TypeScript. Imported as built: the compiler is started from its own file.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StaticSchemas } from '../dist/index.js';

const SOURCE = `import { Annotation, StateGraph } from '@langchain/langgraph';
export const graph = new StateGraph(Annotation.Root({ count: Annotation<number>() }))
  .addNode('a', () => ({ count: 1 }))
  .addEdge('__start__', 'a')
  .compile();
`;

describe('StaticSchemas', () => {
  let folder: string;
  let sourceFile: string;
  const failures: string[] = [];
  const onFailure = (_info: unknown, error: unknown): void => void failures.push((error as Error).message);
  beforeAll(async () => {
    // Inside the package, so that the compiler finds LangGraph's types.
    folder = await mkdtemp(path.resolve('test/.schemas-'));
    sourceFile = path.join(folder, 'graph.ts');
    await writeFile(sourceFile, SOURCE);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const infoOf = (exportName = 'graph') => ({ id: 'g', sourceFile, exportName });
  const count = { type: 'object', properties: { count: { type: 'number' } } };

  it('reads a file once for all who ask at once and later, and again when it has changed', async () => {
    const schemas = new StaticSchemas({ onFailure });
    const [first, second] = await Promise.all([schemas.of(infoOf(), []), schemas.of(infoOf(), [])]);
    expect(first).toMatchObject({ state: count, input: count, output: count });
    expect(second).toBe(first);
    expect(await schemas.of(infoOf(), [])).toBe(first);
    expect(await schemas.of(infoOf(), ['nobody'])).toBeUndefined();
    await writeFile(sourceFile, (await readFile(sourceFile, 'utf8')).replace('<number>', '<string>'));
    expect(await schemas.of(infoOf(), [])).toMatchObject({
      state: { properties: { count: { type: 'string' } } },
    });
    expect(failures).toEqual([]);
  }, 90_000);

  it('says nothing of JavaScript, of files that are gone, and of graphs without a file', async () => {
    const schemas = new StaticSchemas({ onFailure });
    for (const file of ['x.js', 'x.mjs', 'x.cjs', 'gone.ts']) {
      const info = { id: 'g', sourceFile: path.join(folder, file), exportName: 'graph' };
      expect(await schemas.of(info, [])).toBeUndefined();
    }
    expect(await schemas.of({ id: 'g' }, [])).toBeUndefined();
    expect(failures).toEqual([]);
  });

  it('gives up at its limit, tells why, and does not try again at once', async () => {
    const schemas = new StaticSchemas({ timeoutMs: 200, onFailure });
    const start = performance.now();
    expect(await schemas.of(infoOf(), [])).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await schemas.of(infoOf(), [])).toBeUndefined();
    expect(failures.splice(0)).toEqual([expect.stringMatching(/graph\.ts could not be read.*limit 200 ms/)]);
  });

  it('tells when the compiler finds no such export', async () => {
    const schemas = new StaticSchemas({ onFailure });
    expect(await schemas.of(infoOf('nobody'), [])).toBeUndefined();
    expect(failures.splice(0)).toEqual([expect.stringMatching(/ended with code 1/)]);
  }, 60_000);
});
