/**
 * `http.configurable_headers` and `http.logging_headers` of langgraph.json: which headers are meant. Names and `*`, nothing else, so that
 * no pattern can take long.
 */
import { isObject, textsOf, wrongSetting } from './settings-problem.js';

/** Names of headers in lower case to whether they are meant. */
export type HeaderRule = (name: string) => boolean;

/** They prove who somebody is: neither graphs nor logs get to see them. */
const SECRET = new Set(['authorization', 'cookie', 'x-api-key', 'x-tenant-id', 'x-service-key']);

/** What is meant when `includes` does not say. */
function isUsual(name: string): boolean {
  return name === 'user-agent' || name.startsWith('x-');
}

/** The rule of a langgraph.json that says nothing. */
export const usualHeaders: HeaderRule = (name) => isUsual(name) && !SECRET.has(name);

/**
 * `excludes` wins; with `includes` only what it names. Null: nothing is said.
 *
 * @throws LongrunError GRAPH_LOAD_FAILED naming what is wrong, also for a header that is never shown
 */
export function headerRuleOf(rule: unknown, key: string): HeaderRule | null {
  if (rule === undefined || rule === null) return null;
  if (!isObject(rule)) throw wrongSetting(key, 'must be an object with includes and excludes');
  const known = ['includes', 'excludes', 'include', 'exclude'];
  const unknown = Object.keys(rule).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrongSetting(`${key}.${unknown}`, 'is not known (includes, excludes)');
  const includes = namesOf(rule['includes'] ?? rule['include'], `${key}.includes`);
  const excludes = namesOf(rule['excludes'] ?? rule['exclude'], `${key}.excludes`) ?? [];
  const secret = includes?.find((name) => SECRET.has(name));
  if (secret !== undefined) throw wrongSetting(`${key}.includes`, `names ${secret}, which is never shown`);
  const excluded = excludes.map(toPattern);
  const included = includes?.map(toPattern);
  return (name) =>
    !SECRET.has(name) &&
    !excluded.some((pattern) => pattern.test(name)) &&
    (included ? included.some((pattern) => pattern.test(name)) : isUsual(name));
}

function namesOf(names: unknown, key: string): string[] | undefined {
  const found = textsOf(names, key)?.map((name) => name.toLowerCase());
  return found?.length === 0 ? undefined : found;
}

function toPattern(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
