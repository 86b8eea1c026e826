/**
 * From what the server answers to what the methods promise. ioredis hands over RESP3 replies in their older form: maps as
 * objects or flat lists, scores as text.
 */

/** One entry of a stream. */
export interface StreamEntry {
  readonly id: string;
  /** Fields in the order in which they were added; of two with one name the last counts. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A member of a sorted set with its score. */
export interface ScoredMember {
  readonly member: string;
  readonly score: number;
}

/** A text, or null where the server says that there is nothing. */
export function textOrNull(reply: unknown): string | null {
  return isNothing(reply) ? null : String(reply);
}

/** A list of texts. */
export function texts(reply: unknown): string[] {
  return (reply as unknown[]).map(String);
}

/** A hash as an object without a prototype: a field may have any name. */
export function record(reply: unknown): Record<string, string> {
  const result = Object.create(null) as Record<string, string>;
  if (Array.isArray(reply)) {
    for (let i = 0; i + 1 < reply.length; i += 2) result[String(reply[i])] = String(reply[i + 1]);
    return result;
  }
  for (const [field, value] of Object.entries(reply as Record<string, unknown>))
    result[field] = String(value);
  return result;
}

/** Members with scores, from a flat list or from pairs. */
export function scoredMembers(reply: unknown): ScoredMember[] {
  const flat = (reply as unknown[]).flat();
  const members: ScoredMember[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    members.push({ member: String(flat[i]), score: toScore(String(flat[i + 1])) });
  }
  return members;
}

/** Entries of one stream. A deleted entry within the range has no fields. */
export function streamEntries(reply: unknown): StreamEntry[] {
  return (reply as [unknown, unknown][]).map(([id, fields]) => ({
    id: String(id),
    fields: record(fields ?? []),
  }));
}

/** Entries by stream, as XREAD answers; nothing in time is an empty map. */
export function entriesByStream(reply: unknown): Map<string, StreamEntry[]> {
  if (isNothing(reply)) return new Map();
  const pairs = Array.isArray(reply) ? (reply as unknown[]) : Object.entries(reply as object);
  // Either pairs, or one flat list of names and entries.
  const isFlat = pairs.length > 0 && !Array.isArray(pairs[0]);
  const result = new Map<string, StreamEntry[]>();
  for (let i = 0; i < pairs.length; i += isFlat ? 2 : 1) {
    const [name, entries] = isFlat ? [pairs[i], pairs[i + 1]] : (pairs[i] as unknown[]);
    result.set(String(name), streamEntries(entries));
  }
  return result;
}

function isNothing(reply: unknown): boolean {
  return reply === null || reply === undefined;
}

function toScore(text: string): number {
  if (text === 'inf' || text === '+inf') return Infinity;
  return text === '-inf' ? -Infinity : Number(text);
}
