/**
 * The components of langgraph.json as files for a browser. The bundler is LangGraph's own, so that a bundle is what its front end
 * expects. It works in a child process: it changes how modules are loaded, which must not happen to the graphs.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LongrunError } from '@longrun/contracts';
import type { UiSettings } from './ui-settings.js';

export interface UiBundle {
  /** Contents by name: a script, and a style sheet if the components import one. */
  readonly files: ReadonlyMap<string, string>;
  /** Names of its components; null when the source does not spell them out. */
  readonly components: readonly string[] | null;
}

/** What the child process is asked. */
export interface BundleRequest extends Pick<UiSettings, 'folder' | 'shared'> {
  file: string;
  /** `__LGUI_<globalName>` is the variable of the script. */
  globalName: string;
}

/** What it answers. */
export type BundleAnswer = UiBundle | { problem: string };

/** Longest time of one build; most take a second. */
const BUILD_TIMEOUT_MS = 60_000;

export class UiBundles {
  readonly #settings: UiSettings | null;
  readonly #built = new Map<string, Promise<UiBundle>>();

  /** @param settings null: there are no components */
  constructor(settings: UiSettings | null) {
    this.#settings = settings;
  }

  /** Whether langgraph.json has components under this name. */
  has(name: string): boolean {
    return this.#settings?.files.has(name) ?? false;
  }

  /**
   * Built when it is first asked for, once per process. After a failure the next call tries again.
   *
   * @throws LongrunError UI_NOT_FOUND, GRAPH_LOAD_FAILED when it cannot be built
   */
  async get(name: string): Promise<UiBundle> {
    const file = this.#settings?.files.get(name);
    if (this.#settings === null || file === undefined) throw notConfigured(name, this.#settings);
    let bundle = this.#built.get(name);
    if (!bundle) {
      const { folder, shared } = this.#settings;
      bundle = build({ file, folder, shared, globalName: globalNameOf(name) }).catch((error: unknown) => {
        this.#built.delete(name);
        const problem = error instanceof Error ? error.message : String(error);
        const message = `langgraph.json: ui.${name} (${file}) could not be built: ${problem}`;
        throw new LongrunError('GRAPH_LOAD_FAILED', message, { cause: error });
      });
      this.#built.set(name, bundle);
    }
    return bundle;
  }
}

/** The part of a script's global variable that stands for a name: `__LGUI_<this>`. Source: the bundler. */
export function globalNameOf(name: string): string {
  return name.replace(/[^a-zA-Z0-9]/g, '_');
}

function build(request: BundleRequest): Promise<UiBundle> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./ui-bundle.process.js', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      serialization: 'advanced',
      timeout: BUILD_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    child.once('message', (answer: BundleAnswer) => {
      if ('problem' in answer) reject(new Error(answer.problem));
      else resolve(answer);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const why = signal === null ? `code ${code}` : `${signal} (limit ${BUILD_TIMEOUT_MS} ms)`;
      reject(new Error(`the bundler ended with ${why}.`));
    });
    child.send(request, (error) => {
      if (error) reject(error);
    });
  });
}

function notConfigured(name: string, settings: UiSettings | null): LongrunError {
  const problem =
    settings === null
      ? 'langgraph.json has no key "ui", so there are no components.'
      : `The key "ui" of langgraph.json names nothing for "${name}" (it names: ${[...settings.files.keys()].join(', ')}).`;
  return new LongrunError('UI_NOT_FOUND', `${problem} Add "ui": {"${name}": "./ui.tsx"} to it.`, {
    details: { name },
  });
}
