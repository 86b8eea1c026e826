/**
 * One export of one file of the user, as langgraph.json names it: `./folder/file.ts:name`, the default export without a name.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface ExportLocation {
  /** Absolute. */
  readonly sourceFile: string;
  readonly exportName: string;
}

/** @param folder what relative paths refer to */
export function locateExport(location: string, folder: string): ExportLocation {
  // The colon of a drive letter is followed by a slash, so it cannot be taken for one before an export.
  const match = /^(.+?)(?::([A-Za-z_$][\w$]*))?$/.exec(location);
  return { sourceFile: path.resolve(folder, match?.[1] ?? location), exportName: match?.[2] ?? 'default' };
}

/** @throws Error that says what is wrong with the file, without its name */
export async function loadExport({ sourceFile, exportName }: ExportLocation): Promise<unknown> {
  if (sourceFile.endsWith('.py')) throw new Error('is Python; Longrun executes LangGraph.js graphs.');
  if (!existsSync(sourceFile)) throw new Error('the file does not exist.');
  const module = (await import(pathToFileURL(sourceFile).href)) as Record<string, unknown>;
  const exported = exportOf(module, exportName);
  if (exported !== undefined) return exported;
  const names = Object.keys(module).join(', ') || 'nothing';
  throw new Error(`has no export "${exportName}"; it exports: ${names}.`);
}

/** A named export; CommonJS modules may have theirs one level down. */
function exportOf(module: Record<string, unknown>, name: string): unknown {
  const fallback = module.default;
  const nested =
    typeof fallback === 'object' && fallback !== null ? (fallback as Record<string, unknown>) : {};
  if (name === 'default' && '__esModule' in nested) return nested.default ?? fallback;
  return module[name] ?? nested[name];
}

/** What an error, or whatever else was thrown, says. */
export function messageOf(error: unknown): string {
  return error instanceof Object && 'message' in error ? String(error.message) : String(error);
}
