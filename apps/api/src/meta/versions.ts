/**
 * Versions that the server tells.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Of this server. */
export const serverVersion = versionIn(new URL('../../package.json', import.meta.url));
export const langgraphVersion = versionIn(require.resolve('@langchain/langgraph/package.json'));

function versionIn(packageJson: string | URL): string {
  const { version: found } = JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string };
  return found;
}
