/**
 * Run as a process: loads everything that a langgraph.json names, as an api does, and says what came of it. Its parent goes on with what it
 * has when this fails, hangs or dies.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { loadExport, loadGraphs, loadHttpApp } from '@longrun/graphs';

import type { LoadCheck } from './load-check.js';

const [configPath = ''] = process.argv.slice(2);
const imported = new Set<string>();
const refused: string[] = [];

async function load(): Promise<string[]> {
  const { graphs, auth, http } = await loadGraphs(configPath, {
    onImport: (url) => imported.add(url),
    onRefused: (names) => refused.push(...names),
  });
  if (auth) await loadExport(auth);
  if (http.app) await loadHttpApp(http.app);
  return [...graphs.keys()];
}

const outcome = await load().then(
  (graphs) => ({ graphs }),
  (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
);
// The loader tells of the last imports in messages of its own.
await new Promise((resolve) => setTimeout(resolve, 20));
const files = [...imported]
  .filter((url) => url.startsWith('file:'))
  .map((url) => fileURLToPath(url.split('?')[0] ?? url));
const required = Object.keys(createRequire(import.meta.url).cache);
process.send?.({ ...outcome, refused, files: [...files, ...required] } satisfies LoadCheck, () => {
  process.exit();
});
