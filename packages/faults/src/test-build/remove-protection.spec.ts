import { describe, expect, it } from '@jest/globals';
import type { LoadHookContext } from 'node:module';
import { initialize, load } from './remove-protection.js';

const loadSource = async (url: string, source: string): Promise<string> => {
  const next = async () => ({ format: 'module', source: Buffer.from(source) });
  const loaded = await load(url, {} as LoadHookContext, next);
  return Buffer.from(loaded.source as string).toString();
};

describe('a module hook that removes a protection', () => {
  it('changes its text in its file, and no other file', async () => {
    await initialize([{ file: 'runs/dist/a.js', text: 'if (safe)', replacement: 'if (true)' }]);
    expect(await loadSource('file:///x/runs/dist/a.js', 'if (safe) go();')).toBe('if (true) go();');
    expect(await loadSource('file:///x/runs/dist/b.js', 'if (safe) go();')).toBe('if (safe) go();');
  });

  it('fails when the text is not there: the control would remove nothing', async () => {
    await initialize([{ file: 'runs/dist/a.js', text: 'if (safe)', replacement: 'if (true)' }]);
    await expect(loadSource('file:///x/runs/dist/a.js', 'go();')).rejects.toThrow(/the protection has moved/);
  });
});
