/**
 * Which headers of a request are shown: to its graph, or in the log.
 */
import type { JsonObject } from '@longrun/contracts';
import type { HeaderRule } from '@longrun/graphs';

/** Headers that a rule means. */
export function shownHeaders(
  headers: Record<string, string | string[] | undefined>,
  isShown: HeaderRule,
): JsonObject {
  const shown = Object.entries(headers).filter(([name, value]) => typeof value === 'string' && isShown(name));
  return Object.fromEntries(shown);
}
