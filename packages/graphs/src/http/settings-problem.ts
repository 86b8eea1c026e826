/**
 * How a wrong key of langgraph.json is told, and what its values are asked for.
 */
import { LongrunError } from '@longrun/contracts';

/** @param key as in langgraph.json, such as `http.cors` */
export function wrongSetting(key: string, problem: string): LongrunError {
  return new LongrunError('GRAPH_LOAD_FAILED', `langgraph.json: ${key} ${problem}.`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for a key that is absent. @throws LongrunError GRAPH_LOAD_FAILED */
export function textsOf(value: unknown, key: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw wrongSetting(key, 'must be a list of texts');
  }
  return value;
}
