/**
 * The graphs a process knows, by id, and making a compiled graph of whatever a file exports. Never asks `instanceof`:
 * a graph may come from its own copy of LangGraph.
 */
import type { BaseCheckpointSaver, BaseStore } from '@langchain/langgraph-checkpoint';
import type { Pregel } from '@langchain/langgraph/pregel';
import { isLongrunError, LongrunError } from '@longrun/contracts';
import type { AuthSettings } from './auth-settings.js';
import type { ThreadTtl } from './thread-ttl.js';
import { DEFAULT_STORE, type StoreSettings } from '../store/store-settings.js';
import { DEFAULT_HTTP, type HttpSettings } from '../http/http-settings.js';
import type { UiSettings } from '../ui/ui-settings.js';

// A graph's nodes and channels are known to its own file only.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type CompiledGraph = Pregel<any, any>;

export interface GraphInfo {
  readonly id: string;
  readonly description?: string;
  /** Absolute path of the file that exports the graph. */
  readonly sourceFile?: string;
  /** Name of the export in it. */
  readonly exportName?: string;
}

/** What a factory of a graph is called with. */
export interface GraphFactoryConfig {
  configurable?: Record<string, unknown>;
  [key: string]: unknown;
}

/** What langgraph.json says beside its graphs. */
interface ProjectSettings {
  /** How the store of these graphs lives and finds its items. */
  readonly store: StoreSettings;
  /** How long threads live that say nothing themselves; null: for ever. */
  readonly threadTtl: ThreadTtl | null;
  /** Components for front ends; null: none. */
  readonly ui: UiSettings | null;
  /** Who may use the api; null: everybody who reaches it. */
  readonly auth: AuthSettings | null;
  /** What of the API is served, and how. */
  readonly http: HttpSettings;
}

export interface GraphRegistry extends ProjectSettings {
  readonly graphs: ReadonlyMap<string, GraphInfo>;
  /**
   * The compiled graph; a factory is called with `config`. The graph may be shared: do not change it.
   *
   * @throws LongrunError GRAPH_NOT_FOUND, or GRAPH_LOAD_FAILED when its factory throws or returns something else
   */
  resolve(graphId: string, config: GraphFactoryConfig): Promise<CompiledGraph>;
}

/** A graph as a file exports it: compiled graph, builder, promise, or factory of config. */
export interface GraphSource extends GraphInfo {
  readonly exported: unknown;
}

/** A registry of graphs that are in memory already. Settings that are not given are those of a langgraph.json that says nothing. */
export function createRegistry(
  sources: Iterable<GraphSource>,
  {
    store = DEFAULT_STORE,
    threadTtl = null,
    ui = null,
    auth = null,
    http = DEFAULT_HTTP,
  }: Partial<ProjectSettings> = {},
): GraphRegistry {
  const byId = new Map([...sources].map((source) => [source.id, source]));
  const infos = [...byId.values()].map(({ exported: _exported, ...info }) => [info.id, info] as const);
  return {
    graphs: new Map(infos),
    store,
    threadTtl,
    ui,
    auth,
    http,
    async resolve(graphId, config) {
      const source = byId.get(graphId);
      if (source === undefined) {
        const known = [...byId.keys()].join(', ') || 'none';
        throw new LongrunError('GRAPH_NOT_FOUND', `No graph is called "${graphId}". Known: ${known}.`);
      }
      return compileExport(source, config);
    },
  };
}

/**
 * The compiled graph behind an export.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED
 */
export async function compileExport(source: GraphSource, config: GraphFactoryConfig): Promise<CompiledGraph> {
  const where = source.sourceFile === undefined ? '' : ` of ${source.sourceFile}`;
  const { exported } = source;
  try {
    const made: unknown = isFactory(exported) ? await exported(config) : await exported;
    const compiled = asCompiledGraph(made);
    if (compiled !== undefined) return compiled;
  } catch (error) {
    if (isLongrunError(error)) throw error;
    const message = error instanceof Object && 'message' in error ? String(error.message) : String(error);
    throw new LongrunError(
      'GRAPH_LOAD_FAILED',
      `Graph "${source.id}"${where} could not be made: ${message}`,
      {
        cause: error,
      },
    );
  }
  throw new LongrunError(
    'GRAPH_LOAD_FAILED',
    `Graph "${source.id}"${where} is not a graph. Export a compiled graph, a builder, or a function returning one.`,
  );
}

/** True when the export must be called to get a graph. */
export function isFactory(exported: unknown): exported is (config: GraphFactoryConfig) => unknown {
  return typeof exported === 'function';
}

function asCompiledGraph(value: unknown): CompiledGraph | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isCompiledGraph(value)) return value;
  // An agent of the package `langchain` wraps its graph.
  if ('graph' in value && isCompiledGraph(value.graph)) return value.graph;
  if ('compile' in value && typeof value.compile === 'function') {
    const compiled = (value.compile as () => unknown)();
    return isCompiledGraph(compiled) ? compiled : undefined;
  }
  return undefined;
}

function isCompiledGraph(value: unknown): value is CompiledGraph {
  return (
    typeof value === 'object' && value !== null && 'lg_is_pregel' in value && value.lg_is_pregel === true
  );
}

/**
 * A copy of `graph` with a checkpointer and a store of its own; the original, which concurrent runs share, stays as it
 * is. Subgraphs get both through the config of the task that runs them.
 */
export function bindGraph(
  graph: CompiledGraph,
  checkpointer: BaseCheckpointSaver,
  store: BaseStore,
): CompiledGraph {
  const prototype = Object.getPrototypeOf(graph) as object;
  const bound = Object.create(prototype, Object.getOwnPropertyDescriptors(graph)) as CompiledGraph;
  const bindings = {
    checkpointer,
    store,
    // LangGraph would wrap the store in a batcher that polls every millisecond for as long as the run lasts. Without
    // a store of its own the loop hands its tasks the one of the config, which is the same store unwrapped.
    _defaults(config: never): unknown {
      const defaults: unknown[] = graph._defaults.call(bound, config);
      return defaults.map((value) => (value === store ? undefined : value));
    },
  };
  for (const [name, value] of Object.entries(bindings)) {
    Object.defineProperty(bound, name, { value, configurable: true, writable: true, enumerable: false });
  }
  return bound;
}
