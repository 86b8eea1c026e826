/**
 * JSON for `jsonb` columns. jsonb refuses NUL and lone surrogates, which a graph's state may hold: in these derived copies
 * (values and interrupts of a thread, error of a run) they become U+FFFD. The checkpoint and the log keep them.
 */
const REPLACEMENT = '\uFFFD';

/** Serialises `value` so that every `jsonb` column takes it. `undefined` becomes `null`. */
export function toStorableJson(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  if (!json.includes('\\u0000') && !json.includes('\\ud')) return json;
  return JSON.stringify(replaceUnstorable(JSON.parse(json)));
}

function replaceUnstorable(value: unknown): unknown {
  if (typeof value === 'string') return replaceInText(value);
  if (Array.isArray(value)) return value.map(replaceUnstorable);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [replaceInText(key), replaceUnstorable(item)]),
    );
  }
  return value;
}

function replaceInText(text: string): string {
  let result = '';
  // Iterating by code point leaves a surrogate alone only when it has no partner.
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    result += code === 0 || (code >= 0xd800 && code <= 0xdfff) ? REPLACEMENT : character;
  }
  return result;
}
