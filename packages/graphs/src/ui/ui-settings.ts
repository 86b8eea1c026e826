/**
 * `ui` and `ui_config` of langgraph.json: which files hold the components that a front end loads by name.
 */
import { LongrunError } from '@longrun/contracts';
import type { ConfigFile } from '../registry/config-file.js';

export interface UiSettings {
  /** Folder of langgraph.json, which the paths below refer to. */
  readonly folder: string;
  /** Path of the file by the name it is asked for by: usually the name of a graph. */
  readonly files: ReadonlyMap<string, string>;
  /** Packages that the front end provides, beside React and the SDK; they are not bundled. */
  readonly shared: readonly string[];
}

/**
 * Null: there are no components.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong
 */
export function uiSettingsOf({ content, folder }: Pick<ConfigFile, 'content' | 'folder'>): UiSettings | null {
  const { ui, ui_config: config } = content;
  if (ui === undefined || ui === null) return null;
  const files = isObject(ui) ? Object.entries(ui) : [];
  if (files.length === 0 || !files.every(isPathByName)) {
    throw wrong('ui', 'must be an object with a path by name, such as {"agent": "./src/ui.tsx"}');
  }
  const shared = isObject(config) ? (config.shared ?? []) : [];
  if (!Array.isArray(shared) || !shared.every((item) => typeof item === 'string')) {
    throw wrong('ui_config.shared', 'must be a list of names of packages');
  }
  return { folder, files: new Map(files), shared };
}

function isPathByName(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string' && entry[1] !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(key: string, problem: string): LongrunError {
  return new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: ${key} ${problem}.`);
}
