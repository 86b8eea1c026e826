/**
 * What a handler of the user lets a caller see: conditions on the metadata of things, applied in SQL. A filter that is not understood is
 * an error, never a filter that lets more through.
 */
import { LongrunError, type SqlCondition } from '@longrun/contracts';

/** Conditions on a JSON object. */
export type AccessFilter =
  | { readonly kind: 'all' | 'any'; readonly of: readonly AccessFilter[] }
  | { readonly kind: 'equals'; readonly field: string; readonly value: Scalar }
  | { readonly kind: 'contains'; readonly field: string; readonly values: readonly Scalar[] };

type Scalar = string | number | boolean | null;

const GROUPS: Readonly<Record<string, 'all' | 'any'>> = { $and: 'all', $or: 'any' };

/**
 * `{owner: "a", tags: {$contains: "b"}}`: all must hold. `$eq` is equality, `$contains` a list with that item, or with all of several;
 * `$or` and `$and` take lists of filters.
 *
 * @throws LongrunError AUTH_FAILED saying what is wrong with it
 */
export function parseAccessFilter(filter: Readonly<Record<string, unknown>>): AccessFilter {
  const of = Object.entries(filter).map(([field, expected]): AccessFilter => {
    const kind = GROUPS[field];
    if (kind === undefined) return fieldFilter(field, expected);
    if (!Array.isArray(expected) || expected.length === 0 || !expected.every(isObject)) {
      throw wrong(field, 'needs a list of filters');
    }
    return { kind, of: expected.map(parseAccessFilter) };
  });
  return { kind: 'all', of };
}

function fieldFilter(field: string, expected: unknown): AccessFilter {
  if (isScalar(expected)) return { kind: 'equals', field, value: expected };
  if (!isObject(expected)) {
    throw wrong(field, expected === undefined ? 'is undefined' : 'must be a text, or {$eq} or {$contains}');
  }
  const operators = Object.keys(expected);
  if (operators.length === 0) throw wrong(field, 'has no operator; use $eq or $contains');
  const of = operators.map((operator): AccessFilter => {
    const operand = expected[operator];
    if (operator === '$eq' && isScalar(operand)) return { kind: 'equals', field, value: operand };
    const values: unknown[] = Array.isArray(operand) ? operand : [operand];
    if (operator === '$contains' && values.length > 0 && values.every(isScalar)) {
      return { kind: 'contains', field, values };
    }
    throw wrong(`${field}.${operator}`, 'is not understood; use $eq or $contains with texts or numbers');
  });
  return { kind: 'all', of };
}

/**
 * The filter as SQL over a jsonb column. Everything is also containment, which the index of the column answers.
 */
export function accessCondition(filter: AccessFilter): SqlCondition {
  return (column, place) => {
    switch (filter.kind) {
      case 'all':
      case 'any': {
        const parts = filter.of.map((part) => accessCondition(part)(column, place));
        if (parts.length === 0) return filter.kind === 'all' ? 'true' : 'false';
        return `(${parts.join(filter.kind === 'all' ? ' AND ' : ' OR ')})`;
      }
      case 'equals': {
        const { field, value } = filter;
        const contained = `${column} @> ${place(JSON.stringify({ [field]: value }))}::jsonb`;
        return `(${contained} AND ${column} -> ${place(field)}::text = ${place(JSON.stringify(value))}::jsonb)`;
      }
      case 'contains':
        return `${column} @> ${place(JSON.stringify({ [filter.field]: filter.values }))}::jsonb`;
    }
  };
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string, problem: string): LongrunError {
  return new LongrunError(
    'AUTH_FAILED',
    `The filter of a handler of auth.path is wrong: ${field} ${problem}.`,
  );
}
