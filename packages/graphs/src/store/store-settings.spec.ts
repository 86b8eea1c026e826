import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_STORE, loadStoreSettings } from './store-settings.js';

describe('the store section of langgraph.json', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'longrun-store-'));
    writeFileSync(
      path.join(folder, 'embed.mjs'),
      `export const embed = async (texts) => texts.map((text) => [text.length]);
       export const object = {
         width: 2,
         async embedDocuments(texts) { return texts.map(() => [this.width]); },
         async embedQuery() { return [this.width, 0]; },
       };
       export const nothing = 5;`,
    );
    const provider = path.join(folder, 'node_modules/@langchain/ollama');
    mkdirSync(provider, { recursive: true });
    writeFileSync(path.join(provider, 'package.json'), '{"name":"@langchain/ollama","main":"index.cjs"}');
    writeFileSync(
      path.join(provider, 'index.cjs'),
      `exports.OllamaEmbeddings = class {
         constructor({ model }) { this.model = model; }
         async embedDocuments(texts) { return texts.map(() => [this.model.length]); }
         async embedQuery() { return [this.model.length]; }
       };`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const load = (store: unknown) => loadStoreSettings({ folder, content: { store } });
  const embeddingOf = async (embed: string) => (await load({ index: { dims: 1, embed } })).index?.embedding;

  it('may be absent', async () => {
    expect(await load(undefined)).toEqual(DEFAULT_STORE);
    expect((await load({ ttl: { default_ttl: 5 } })).ttl.defaultTtlMinutes).toBe(5);
  });

  it('takes a function, an Embeddings object and the package of a provider', async () => {
    const fromFunction = await embeddingOf('./embed.mjs:embed');
    expect([await fromFunction?.documents(['a', 'bc']), await fromFunction?.query('abc')]).toEqual([
      [[1], [2]],
      [3],
    ]);
    const fromObject = await embeddingOf('./embed.mjs:object');
    expect([await fromObject?.documents(['a']), await fromObject?.query('a')]).toEqual([[[2]], [2, 0]]);
    expect(await (await embeddingOf('ollama:abcd'))?.query('a')).toEqual([4]);
    expect((await load({ index: { dims: 1, embed: './embed.mjs:embed' } })).index).toMatchObject({
      dims: 1,
      fields: ['$'],
    });
  });

  it.each([
    [{ embed: './embed.mjs:embed' }, /store\.index\.dims must be a whole number/],
    [{ dims: 1.5, embed: './embed.mjs:embed' }, /store\.index\.dims/],
    [{ dims: 1 }, /store\.index\.embed must be/],
    [{ dims: 1, embed: './embed.mjs:embed', fields: 'text' }, /store\.index\.fields must be a list/],
    [{ dims: 1, embed: './gone.ts:embed' }, /"\.\/gone\.ts:embed": the file does not exist/],
    [{ dims: 1, embed: './embed.mjs:other' }, /has no export "other"; it exports: embed/],
    [{ dims: 1, embed: './embed.mjs:nothing' }, /neither an Embeddings object .* nor a function/],
    [{ dims: 1, embed: 'nobody:model' }, /no known provider\. Known: azure_openai/],
    [{ dims: 1, embed: 'openai' }, /no known provider/],
    [{ dims: 1, embed: 'cohere:model' }, /needs the package @langchain\/cohere, which is not installed in/],
  ])('refuses the index %j with a sentence', async (index, message) => {
    await expect(load({ index })).rejects.toThrow(message);
  });
});
