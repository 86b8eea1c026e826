/**
 * Reading langgraph.json. Changes with the keys of that file.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LongrunError } from '@longrun/contracts';
import { locateExport, type ExportLocation } from './load-export.js';

export interface GraphEntry extends ExportLocation {
  readonly id: string;
  readonly description?: string;
}

export interface ConfigFile {
  /** Folder that relative paths of the file refer to. */
  readonly folder: string;
  readonly graphs: readonly GraphEntry[];
  readonly env: unknown;
  /** The whole file. */
  readonly content: Readonly<Record<string, unknown>>;
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
    content: config,
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
  const description =
    isObject(entry) && typeof entry.description === 'string' ? entry.description : undefined;
  return {
    id,
    ...locateExport(location, folder),
    ...(description === undefined ? {} : { description }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
