/**
 * The user's own routes: what `http.app` of langgraph.json names.
 */
import { LongrunError } from '@longrun/contracts';
import { loadExport, messageOf, type ExportLocation } from '../registry/load-export.js';

/** A Hono app, or anything else that answers requests of the web. */
export interface HttpApp {
  fetch(request: Request): Response | Promise<Response>;
}

/**
 * To be called after the graphs are loaded: they bring the loader of TypeScript.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED when it cannot be loaded, or answers no requests
 */
export async function loadHttpApp(location: ExportLocation): Promise<HttpApp> {
  const fail = (problem: string, cause?: unknown): LongrunError =>
    new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: http.app (${location.sourceFile}): ${problem}`, {
      cause,
    });
  const app: unknown = await loadExport(location).catch((error: unknown) => {
    throw fail(messageOf(error), error);
  });
  if (isHttpApp(app)) return app;
  throw fail('is no app. Export a Hono app, or an object with a function fetch(request).');
}

function isHttpApp(value: unknown): value is HttpApp {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && 'fetch' in value && typeof value.fetch === 'function';
}
