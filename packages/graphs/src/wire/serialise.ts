/**
 * Values of a graph as JSON for clients: messages flattened to `{...kwargs, type}`. Works for messages of any copy of
 * `@langchain/core`. Changes with the wire format.
 */

interface Message {
  toDict(): { type: string; data: Record<string, unknown> };
}

/** True for a message of any copy of `@langchain/core`. */
export function isMessage(value: unknown): value is Message & { id?: string } {
  return (
    typeof value === 'object' && value !== null && 'toDict' in value && typeof value.toDict === 'function'
  );
}

/** `value` as one line of JSON. What JSON cannot hold (cycles, big integers) becomes text; never throws for it. */
export function toWireJson(value: unknown): string {
  try {
    return JSON.stringify(value, flattenMessages) ?? 'null';
  } catch {
    return JSON.stringify(value, tolerant()) ?? 'null';
  }
}

/** `value` as clients will see it after parsing: plain JSON values. */
export function toWireValue(value: unknown): unknown {
  return JSON.parse(toWireJson(value));
}

function flattenMessages(this: unknown, key: string, value: unknown): unknown {
  // Messages have a toJSON of their own, already applied to `value`; the original is still in the holder.
  if (typeof value !== 'object' || value === null) return value;
  const original = (this as Record<string, unknown>)[key];
  if (!isMessage(original)) return value;
  const { type, data } = original.toDict();
  return { ...data, type };
}

function tolerant(): (this: unknown, key: string, value: unknown) => unknown {
  const ancestors: unknown[] = [];
  return function (this: unknown, key: string, value: unknown): unknown {
    if (typeof value === 'bigint') return value.toString();
    const flat = flattenMessages.call(this, key, value);
    if (typeof flat !== 'object' || flat === null) return flat;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(flat)) return '[Circular]';
    ancestors.push(flat);
    return flat;
  };
}
