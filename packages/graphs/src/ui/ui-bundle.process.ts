/**
 * The process that builds one bundle for `ui-bundles.ts`: one request, one answer, then it ends.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from '@langchain/langgraph-ui';
import { messageOf } from '../registry/load-export.js';
import { componentNamesOf } from './component-names.js';
import type { BundleAnswer, BundleRequest, UiBundle } from './ui-bundles.js';

process.once('message', (request: BundleRequest) => {
  void bundleOf(request)
    .catch((error: unknown) => ({ problem: messageOf(error) }))
    .then((answer: BundleAnswer) => process.send?.(answer, () => process.exit(0)));
});

async function bundleOf({ globalName, file, folder, shared }: BundleRequest): Promise<UiBundle> {
  const output = await mkdtemp(path.join(tmpdir(), 'longrun-ui-'));
  try {
    const components = await componentNamesOf(path.resolve(folder, file));
    await build({ cwd: folder, defs: { [globalName]: file }, config: { shared: [...shared] }, output });
    const built = path.join(output, 'public', globalName);
    const files = (await readdir(built)).map(
      async (name) => [name, await readFile(path.join(built, name), 'utf8')] as const,
    );
    return { components, files: new Map(await Promise.all(files)) };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
