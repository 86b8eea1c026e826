/**
 * LANGGRAPH_CONFIG: what the system assistants of graphs are configured with.
 */
import type { JsonObject, RunConfig } from '@longrun/contracts';
import { ConfigError } from '@longrun/service-kit';
import { isJsonObject, isRunConfig } from '../http/field-rules.js';

/** What a graph's system assistant starts with. */
export interface GraphDefaults {
  config: RunConfig;
  context: JsonObject;
  /** The entry as it was written; empty when there is none. Compared to know whether it has changed. */
  source: JsonObject;
}

const KEYS = ['configurable', 'context', 'recursion_limit', 'tags'];

/**
 * The defaults of every served graph.
 *
 * @param text JSON `{<graph>: {configurable?, context?, recursion_limit?, tags?}}`; undefined for none
 * @throws ConfigError saying what is wrong with the variable
 */
export function parseGraphDefaults(
  text: string | undefined,
  graphIds: readonly string[],
): Map<string, GraphDefaults> {
  const given = text === undefined ? {} : parse(text);
  const problems: string[] = [];
  const unknown = Object.keys(given).filter((id) => !graphIds.includes(id));
  if (unknown.length > 0) {
    problems.push(
      `names graphs that are not in langgraph.json: ${unknown.join(', ')} (there are: ${graphIds.join(', ')})`,
    );
  }
  const defaults = new Map<string, GraphDefaults>();
  for (const id of graphIds) {
    const entry = Object.hasOwn(given, id) ? given[id] : {};
    const problem = problemOf(entry);
    if (problem === undefined) defaults.set(id, toDefaults(entry as JsonObject));
    else problems.push(`"${id}" ${problem}`);
  }
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `LANGGRAPH_CONFIG: ${problem}`));
  return defaults;
}

function parse(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`LANGGRAPH_CONFIG: is not JSON: ${(error as Error).message}`]);
  }
  if (isJsonObject(value)) return value;
  throw new ConfigError([
    'LANGGRAPH_CONFIG: must be a JSON object of graphs: {"agent": {"configurable": {}}}',
  ]);
}

function problemOf(entry: unknown): string | undefined {
  if (!isJsonObject(entry)) return `must be an object with any of ${KEYS.join(', ')}`;
  const unknown = Object.keys(entry).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) return `holds ${unknown.join(', ')}; it may hold ${KEYS.join(', ')}`;
  const { context, ...config } = entry;
  if (context !== undefined && !isJsonObject(context)) return 'has a context that is no JSON object';
  if (!isRunConfig(config)) {
    return '`configurable` must be an object, `recursion_limit` a positive whole number, `tags` a list of texts';
  }
  return undefined;
}

function toDefaults(source: JsonObject): GraphDefaults {
  const { context, ...config } = source;
  return { config, context: (context ?? {}) as JsonObject, source };
}
