/**
 * Components of front ends. Imported as built: the bundler is started from its own file.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UiBundles } from '../dist/index.js';

describe('the components of langgraph.json', () => {
  let folder: string;
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  const bundles = (files: Record<string, string>, shared: string[] = []): UiBundles =>
    new UiBundles({ folder, files: new Map(Object.entries(files)), shared });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'longrun-ui-test-'));
    await write('styles.css', '.card { color: rebeccapurple }');
    await write('card.tsx', `import './styles.css';\nexport const Card = () => <b>card</b>;`);
    await write('ui.tsx', `import { Card } from './card';\nexport default { card: Card, 'big card': Card };`);
    await write(
      'named.ts',
      `const Plain = () => null;\nconst all = { Plain } as const;\nexport default all;`,
    );
    await write('spread.ts', `const some = { a: () => null };\nexport default { ...some, b: () => null };`);
    await write('charts.ts', `import chart from 'charts';\nexport default { chart };`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('become a script and a style sheet, once', async () => {
    const ui = bundles({ 'my/agent': './ui.tsx' });
    const [bundle, again] = await Promise.all([ui.get('my/agent'), ui.get('my/agent')]);
    expect(again).toBe(bundle);
    expect([...bundle.files.keys()].sort()).toEqual(['entrypoint.css', 'entrypoint.js']);
    expect(bundle.files.get('entrypoint.js')).toContain('var __LGUI_my_agent =');
    expect(bundle.files.get('entrypoint.css')).toMatch(/rebeccapurple|#639/);
    expect(bundle.components).toEqual(['card', 'big card']);
  });

  it('are known by name where the source spells the names out', async () => {
    const ui = bundles({ named: 'named.ts', spread: './spread.ts' });
    expect((await ui.get('named')).components).toEqual(['Plain']);
    expect((await ui.get('spread')).components).toBeNull();
  });

  it('leave shared packages to the front end', async () => {
    const shared = await bundles({ charts: './charts.ts' }, ['charts']).get('charts');
    expect(shared.files.get('entrypoint.js')).toContain('LGUI_REQUIRE');
    await expect(bundles({ charts: './charts.ts' }).get('charts')).rejects.toThrow(
      /ui\.charts \(\.\/charts\.ts\) could not be built: .*Could not resolve "charts"/s,
    );
  });

  it('are tried again after a failure', async () => {
    const ui = bundles({ late: './late.ts' });
    await expect(ui.get('late')).rejects.toMatchObject({ code: 'GRAPH_LOAD_FAILED' });
    await write('late.ts', 'export default { late: () => null };');
    expect((await ui.get('late')).components).toEqual(['late']);
  });

  it('are missed with the key that is missing', async () => {
    await expect(new UiBundles(null).get('agent')).rejects.toThrow(/has no key "ui".* Add "ui": {"agent"/);
    await expect(bundles({ other: './ui.tsx' }).get('agent')).rejects.toThrow(
      'names nothing for "agent" (it names: other)',
    );
    expect([new UiBundles(null).has('agent'), bundles({ agent: './ui.tsx' }).has('agent')]).toEqual([
      false,
      true,
    ]);
  });
});
