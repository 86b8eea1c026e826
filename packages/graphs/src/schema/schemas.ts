/**
 * Schemas as they are handed out.
 */

export type JsonSchema = Record<string, unknown>;

/** JSON schemas of a graph; null where nothing is known. */
export interface Schemas {
  state: JsonSchema | null;
  input: JsonSchema | null;
  output: JsonSchema | null;
  config: JsonSchema | null;
  context: JsonSchema | null;
}
