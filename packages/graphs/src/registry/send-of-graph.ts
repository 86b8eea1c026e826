/**
 * Finding the class `Send` of the copy of LangGraph that a graph was made with: `goto` with an input is the one place
 * where LangGraph asks `instanceof`.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as langgraph from '@langchain/langgraph';
import { CompiledStateGraph, Send } from '@langchain/langgraph';
import type { CompiledGraph } from './graph-registry.js';

type LangGraph = Pick<typeof langgraph, 'CompiledStateGraph' | 'Send'>;

/** The `Send` that `graph` recognises; Longrun's own when the graph's copy cannot be found. */
export async function sendOfGraph(
  graph: CompiledGraph,
  sourceFile: string | undefined,
): Promise<typeof Send> {
  if (graph instanceof CompiledStateGraph || sourceFile === undefined) return Send;
  for (const load of copiesNear(sourceFile)) {
    const copy = await load().catch(() => undefined);
    if (copy !== undefined && graph instanceof copy.CompiledStateGraph) return copy.Send;
  }
  return Send;
}

/** The CommonJS and the ESM form of the package are two copies; which one is loaded depends on the graph's file. */
function copiesNear(sourceFile: string): (() => Promise<LangGraph>)[] {
  const require = createRequire(sourceFile);
  try {
    const commonJs = require.resolve('@langchain/langgraph');
    const asRequired = async (): Promise<LangGraph> => require(commonJs) as LangGraph;
    const asImported = async (): Promise<LangGraph> =>
      (await import(pathToFileURL(esmEntry(commonJs)).href)) as LangGraph;
    return commonJs in require.cache ? [asRequired, asImported] : [asImported, asRequired];
  } catch {
    return [];
  }
}

function esmEntry(commonJs: string): string {
  for (let folder = path.dirname(commonJs); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        exports?: { '.'?: { import?: string | { default?: string } } };
      };
      if (manifest.name !== '@langchain/langgraph') continue;
      const entry = manifest.exports?.['.']?.import;
      return path.join(folder, (typeof entry === 'string' ? entry : entry?.default) ?? 'dist/index.js');
    } catch {
      // No manifest here: one folder up.
    }
  }
  return commonJs;
}
