/**
 * `@longrun/graphs`: loads the graphs of a langgraph.json, executes one attempt of a run, and reads the state of its
 * thread. Knows nothing of queues, Redis or HTTP.
 */
export { setupCheckpointTables } from './checkpoint/checkpoint-schema.js';
export {
  copyThreadCheckpoints,
  deleteRunCheckpoints,
  deleteThreadCheckpoints,
} from './checkpoint/delete-checkpoints.js';
export { type AskingFence, type Fence } from './checkpoint/fenced-transaction.js';
export { failAttemptOnUnhandledRejection, runOfCurrentContext } from './execute/attempt-context.js';
export {
  AttemptDrained,
  executeAttempt,
  type AttemptInput,
  type AttemptOutcome,
} from './execute/execute-attempt.js';
export { usualHeaders, type HeaderRule } from './http/header-rule.js';
export { type CorsSettings } from './http/cors-settings.js';
export { type HttpPart, type HttpSettings } from './http/http-settings.js';
export { loadHttpApp, type HttpApp } from './http/load-http-app.js';
export {
  createRegistry,
  type CompiledGraph,
  type GraphFactoryConfig,
  type GraphInfo,
  type GraphRegistry,
  type GraphSource,
} from './registry/graph-registry.js';
export { type AuthSettings } from './registry/auth-settings.js';
export { type EnvironmentOptions } from './registry/environment.js';
export { loadExport } from './registry/load-export.js';
export { loadGraphs, type LoadOptions } from './registry/load-graphs.js';
export { drawGraph, graphSchemas, subgraphSchemas, type DescribedGraph } from './schema/graph-schemas.js';
export { type JsonSchema, type Schemas } from './schema/schemas.js';
export { StaticSchemas, type StaticSchemasOptions } from './schema/static-schemas.js';
export { type RestingThread } from './state/resting-thread.js';
export {
  applySupersteps,
  readThreadHistory,
  readThreadState,
  updateThreadState,
  type SuperstepUpdate,
  type ThreadStateRequest,
} from './state/thread-state.js';
export { openStore } from './store/fenced-store.js';
export { type ItemStore } from './store/item-store.js';
export { prepareStoreIndex } from './store/vector-index.js';
export { globalNameOf, UiBundles } from './ui/ui-bundles.js';
export { toWireJson, toWireValue } from './wire/serialise.js';
