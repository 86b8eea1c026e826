/**
 * Which headers of a request its graph gets to see.
 */
import type { JsonObject } from '@longrun/contracts';

/** Request headers that graphs do not get to see. */
const HIDDEN_HEADERS = new Set(['x-api-key', 'x-tenant-id', 'x-service-key']);

/** Headers that become part of `configurable`: `x-*` and the user agent. */
export function configurableHeaders(headers: Record<string, string | string[] | undefined>): JsonObject {
  const visible: JsonObject = {};
  for (const [name, value] of Object.entries(headers)) {
    const isVisible = name === 'user-agent' || (name.startsWith('x-') && !HIDDEN_HEADERS.has(name));
    if (isVisible && typeof value === 'string') visible[name] = value;
  }
  return visible;
}
