/**
 * Reading langgraph.json. Changes with the keys of that file.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LongrunError } from '@longrun/contracts';

export interface GraphEntry {
  readonly id: string;
  readonly sourceFile: string;
  readonly exportName: string;
  readonly description?: string;
}

export interface ConfigFile {
  /** Folder that relative paths of the file refer to. */
  readonly folder: string;
  readonly graphs: readonly GraphEntry[];
  readonly env: unknown;
}

/**
 * Reads a langgraph.json.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED when it cannot be read, is not JSON, or names no graph
 */
export async function readConfigFile(configPath: string): Promise<ConfigFile> {
  const file = path.resolve(configPath);
  const config = await parse(file);
  const entries = Object.entries(isObject(config.graphs) ? config.graphs : {});
  if (entries.length === 0) {
    throw new LongrunError(
      'GRAPH_LOAD_FAILED',
      `${file} names no graph. Add "graphs": {"agent": "./agent.ts:graph"}.`,
    );
  }
  const folder = path.dirname(file);
  return {
    folder,
    env: config.env,
    graphs: entries.map(([id, entry]) => graphEntry(file, folder, id, entry)),
  };
}

async function parse(file: string): Promise<Record<string, unknown>> {
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isObject(config)) return config;
  } catch (error) {
    const message = error instanceof Object && 'message' in error ? String(error.message) : String(error);
    throw new LongrunError('GRAPH_LOAD_FAILED', `${file} could not be read: ${message}`, { cause: error });
  }
  throw new LongrunError('GRAPH_LOAD_FAILED', `${file} does not hold a JSON object.`);
}

function graphEntry(file: string, folder: string, id: string, entry: unknown): GraphEntry {
  const location = isObject(entry) ? entry.path : entry;
  if (typeof location !== 'string') {
    throw new LongrunError(
      'GRAPH_LOAD_FAILED',
      `${file}: graph "${id}" needs a path such as "./agent.ts:graph".`,
    );
  }
  // The colon of a drive letter is followed by a slash, so it cannot be taken for one before an export.
  const match = /^(.+?)(?::([A-Za-z_$][\w$]*))?$/.exec(location);
  const description =
    isObject(entry) && typeof entry.description === 'string' ? entry.description : undefined;
  return {
    id,
    sourceFile: path.resolve(folder, match?.[1] ?? location),
    exportName: match?.[2] ?? 'default',
    ...(description === undefined ? {} : { description }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
