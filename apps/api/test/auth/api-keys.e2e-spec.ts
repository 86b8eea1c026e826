/**
 * API keys from the command line to the wire.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@langchain/langgraph-sdk';
import { waitUntil } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, longrun, startStack } from '../support.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ apis: 1, workers: 1, env: { AUTH: 'keys' } });
});
afterAll(() => stack.stop());

const keys = (...args: string[]) => longrun('keys', ...args, '--data-dir', stack.dataDir);
const madeKey = async (...args: string[]) =>
  JSON.parse(await keys('create', '--json', ...args)) as { id: string; key: string };
const clientWith = (apiKey: string) =>
  new Client({ apiUrl: apiUrl(stack), apiKey, callerOptions: { maxRetries: 0 } });

describe('API keys', () => {
  it('let in who has one, and nobody else', async () => {
    const anonymous = await fetch(`${apiUrl(stack)}/threads/search`, { method: 'POST' });
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');
    expect((await fetch(`${apiUrl(stack)}/ok`)).status).toBe(200);

    const { key } = await madeKey('--name', 'laptop');
    const client = clientWith(key);
    const thread = await client.threads.create();
    await client.runs.wait(thread.thread_id, 'steps', { input: { ms: 1 } });
    expect((await client.threads.get(thread.thread_id)).status).toBe('idle');
    const [run] = await client.runs.list(thread.thread_id);
    expect(JSON.stringify(run)).not.toContain(key);
  });

  it('allow what their scope says', async () => {
    const read = clientWith((await madeKey('--name', 'reader', '--scope', 'read')).key);
    expect(await read.assistants.search({ graphId: 'steps' })).toHaveLength(1);
    await expect(read.threads.create()).rejects.toThrow(/403.*scope read; threads:create needs run/);
    const run = clientWith((await madeKey('--name', 'runner')).key);
    await expect(run.assistants.create({ graphId: 'steps' })).rejects.toThrow(/needs admin/);
    const admin = clientWith((await madeKey('--name', 'admin', '--scope', 'admin')).key);
    expect(await admin.assistants.create({ graphId: 'steps' })).toMatchObject({ graph_id: 'steps' });
  });

  it('keep limits of their own when they are replaced, and no wrong ones are taken', async () => {
    const { id } = await madeKey('--name', 'limited', '--rate', '7', '--quota', '0');
    const limits = { ratePerSecond: 7, runQuota: 0 };
    expect(JSON.parse(await keys('rotate', id, '--json'))).toMatchObject({ ...limits, old: limits });
    expect(await keys('list')).toMatch(/limited +run +good, 7\/s, 0 runs /);
    for (const wrong of ['-1', '1.5', 'many', '1e9']) {
      await expect(madeKey('--name', 'x', `--rate=${wrong}`)).rejects.toThrow(/--rate is "/);
    }
  });

  it('are replaced and revoked while the api runs', async () => {
    const { id, key } = await madeKey('--name', 'old');
    const rotated = JSON.parse(await keys('rotate', id, '--json')) as { id: string; key: string };
    await clientWith(key).threads.count();
    await clientWith(rotated.key).threads.count();
    expect(await keys('revoke', id)).toBe(`Revoked ${id} (old).`);
    await waitUntil(
      () =>
        clientWith(key)
          .threads.count()
          .then(
            () => false,
            () => true,
          ),
      { timeoutMs: 10_000 },
    );
    await clientWith(rotated.key).threads.count();
    const list = await keys('list');
    expect(list).toMatch(new RegExp(`${rotated.id} +old +run +good `));
    expect(list).toMatch(new RegExp(`${id} +old +run +revoked `));
    expect(list).not.toContain(rotated.key);
  });

  it('are asked for clearly', async () => {
    await expect(keys('create')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--name'),
    });
    await expect(keys('create', '--name', 'x', '--scope', 'all')).rejects.toMatchObject({ code: 2 });
    await expect(keys('revoke', 'nothing')).rejects.toMatchObject({ code: 1 });
    await expect(keys('lose')).rejects.toMatchObject({ code: 2 });
    expect(await keys('--help')).toContain('rotate <id>');
  });
});
