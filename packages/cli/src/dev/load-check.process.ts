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
/** Imported last: the loader tells of imports one after the other, so what was imported before is known when it tells of this. */
const last = new URL('./load-check.js', import.meta.url).href;
let toldOfLast: () => void = () => undefined;
const lastIsTold = new Promise<void>((resolve) => (toldOfLast = resolve));
/** What fails before there is a loader to tell, such as the reading of langgraph.json, is not told of. */
const NO_LOADER_MS = 1_000;

async function load(): Promise<string[]> {
  const { graphs, auth, http } = await loadGraphs(configPath, {
    onImport: (url) => {
      if (url.split('?')[0] === last) toldOfLast();
      else imported.add(url);
    },
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
await import(last);
await Promise.race([lastIsTold, new Promise((resolve) => setTimeout(resolve, NO_LOADER_MS))]);
const files = [...imported]
  .filter((url) => url.startsWith('file:'))
  .map((url) => fileURLToPath(url.split('?')[0] ?? url));
const required = Object.keys(createRequire(import.meta.url).cache);
process.send?.({ ...outcome, refused, files: [...files, ...required] } satisfies LoadCheck, () => {
  process.exit();
});
