/**
 * From langgraph.json to a registry: environment, TypeScript loader, imports, and all that went wrong at once.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isLongrunError, LongrunError } from '@longrun/contracts';
import { authSettingsOf } from './auth-settings.js';
import { readConfigFile, type GraphEntry } from './config-file.js';
import { httpSettingsOf } from '../http/http-settings.js';
import { loadStoreSettings } from '../store/store-settings.js';
import { applyEnvironment, type EnvironmentOptions } from './environment.js';
import {
  compileExport,
  createRegistry,
  isFactory,
  type GraphRegistry,
  type GraphSource,
} from './graph-registry.js';
import { loadExport, messageOf } from './load-export.js';
import { threadTtlOf } from './thread-ttl.js';
import { uiSettingsOf } from '../ui/ui-settings.js';

export interface LoadOptions extends EnvironmentOptions {
  /** Told the URL of every module that is imported from now on. Only that of the first call of a process is. */
  onImport?: (url: string) => void;
  /** Told the names of variables of `env` that were left alone because Longrun owns them. */
  onRefused?: (names: readonly string[]) => void;
}

/**
 * Loads the graphs of a langgraph.json from any folder: TypeScript or JavaScript, ESM or CommonJS, without a build
 * step, with the packages of that folder. Sets the file's `env`, except what is set already or belongs to Longrun.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED naming every file that could not be loaded and why
 */
export async function loadGraphs(configPath: string, options: LoadOptions = {}): Promise<GraphRegistry> {
  const config = await readConfigFile(configPath);
  const refused = await applyEnvironment(config.env, config.folder, options).catch((error: unknown) => {
    throw new LongrunError(
      'GRAPH_LOAD_FAILED',
      `The env file of ${configPath} could not be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  });
  if (refused.length > 0) options.onRefused?.(refused);
  const http = httpSettingsOf(config);
  await registerTypeScript(config.folder, options.onImport);
  const results = await Promise.allSettled(config.graphs.map(loadGraph));
  const failures = results.filter((result) => result.status === 'rejected');
  if (failures.length > 0) {
    const lines = failures.map(({ reason }) => `- ${messageOf(reason)}`);
    throw new LongrunError(
      'GRAPH_LOAD_FAILED',
      `${failures.length} of ${results.length} graphs of ${path.resolve(configPath)} could not be loaded:\n${lines.join('\n')}`,
      { cause: failures[0]?.reason },
    );
  }
  const sources = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return createRegistry(sources, {
    store: await loadStoreSettings(config),
    threadTtl: threadTtlOf(config),
    ui: uiSettingsOf(config),
    auth: authSettingsOf(config),
    http,
  });
}

async function loadGraph(entry: GraphEntry): Promise<GraphSource> {
  const { id, sourceFile, exportName, description } = entry;
  const fail = (problem: string, cause?: unknown): LongrunError =>
    new LongrunError('GRAPH_LOAD_FAILED', `graph "${id}" (${sourceFile}): ${problem}`, { cause });
  const exported = await loadExport(entry).catch((error: unknown) => {
    throw fail(messageOf(error), error);
  });
  const source = {
    id,
    sourceFile,
    exportName,
    exported,
    ...(description === undefined ? {} : { description }),
  };
  if (isFactory(exported)) return source;
  try {
    // Compiled once, here: a builder that does not compile is an error of the start, not of a run.
    return { ...source, exported: await compileExport(source, {}) };
  } catch (error) {
    throw isLongrunError(error) ? fail(error.message, error) : error;
  }
}

let registered: Promise<void> | undefined;

/** Lets `import` and `require` take TypeScript, once per process. */
function registerTypeScript(folder: string, onImport?: (url: string) => void): Promise<void> {
  registered ??= (async () => {
    const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
    const tsconfig = path.join(folder, 'tsconfig.json');
    cjs.register();
    esm.register({ ...(existsSync(tsconfig) ? { tsconfig } : {}), ...(onImport ? { onImport } : {}) });
  })();
  return registered;
}
