/**
 * Channel versions `<padded counter>.<random>`. LangGraph's plain integers name the same blob on two branches of a
 * thread; the random part keeps the branches apart, the counter keeps versions comparable as strings.
 */
import { randomInt } from 'node:crypto';

const COUNTER_DIGITS = 16;
const RANDOM_DIGITS = 14;
const RANDOM_LIMIT = 2 ** 46;
/** Random part of a version that was an integer; never drawn. Its blob is stored under the integer. */
const CONVERTED = '0'.repeat(RANDOM_DIGITS);

/** The version after `current`, which may still be one of LangGraph's integers. */
export function nextChannelVersion(current: string | number | undefined): string {
  const counter = current === undefined ? 0 : Number.parseInt(String(current), 10);
  return format(counter + 1, String(randomInt(1, RANDOM_LIMIT)));
}

/** An integer version in the string form; string versions are returned as they are. */
function asStringVersion(version: string | number): string {
  return typeof version === 'number' ? format(version, CONVERTED) : version;
}

/** Replaces the integers of a checkpoint that a stock saver wrote; strings and integers do not compare. */
export function convertVersions(versions: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(versions).map(([channel, version]) => [channel, asStringVersion(version)]),
  );
}

/**
 * SQL: the name under which the blob of the version `expression` is stored. It undoes {@link asStringVersion}.
 */
export function blobVersionSql(expression: string): string {
  return `CASE WHEN ${expression} LIKE '%.${CONVERTED}'
               THEN COALESCE(NULLIF(ltrim(split_part(${expression}, '.', 1), '0'), ''), '0')
               ELSE ${expression} END`;
}

function format(counter: number, random: string): string {
  return `${String(counter).padStart(COUNTER_DIGITS, '0')}.${random.padStart(RANDOM_DIGITS, '0')}`;
}
