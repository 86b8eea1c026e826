/**
 * The filter of a search as SQL. Values are compared as JSON: a number with numbers, a text with texts; nothing is cast, so no
 * stored value can make a search fail.
 */
import { LongrunError } from '@longrun/contracts';

export interface Condition {
  /** SQL over the column `value`. */
  text: string;
  values: unknown[];
}

const COMPARISONS: Readonly<Record<string, string>> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' };
const OPERATORS = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists'];

/**
 * Conditions that all must hold. `{field: value}` is equality, of an object containment; `{field: {$gt: 1, $lt: 5}}` uses operators.
 *
 * @param firstParameter number of the first placeholder
 * @throws LongrunError VALIDATION_FAILED naming the operator
 */
export function filterConditions(filter: Record<string, unknown>, firstParameter: number): Condition {
  const values: unknown[] = [];
  const bind = (value: unknown): string => {
    values.push(value);
    return `$${firstParameter + values.length - 1}`;
  };
  const parts = Object.entries(filter)
    // Keys that a client left undefined are no conditions.
    .filter(([, expected]) => expected !== undefined)
    .flatMap(([field, expected]) => fieldConditions(field, expected, bind));
  return { text: parts.length === 0 ? 'true' : parts.join(' AND '), values };
}

function fieldConditions(field: string, expected: unknown, bind: (value: unknown) => string): string[] {
  const column = `(value -> ${bind(field)}::text)`;
  if (!isObject(expected)) return [`${column} = ${json(expected, bind)}`];
  const entries = Object.entries(expected);
  if (!entries.some(([name]) => name.startsWith('$'))) return [`${column} @> ${json(expected, bind)}`];
  return entries.map(([operator, operand]) => {
    const at = `filter.${field}.${operator}`;
    if (operator in COMPARISONS) {
      if (typeof operand !== 'number' && typeof operand !== 'string')
        throw wrong(at, 'needs a number or a text');
      const other = json(operand, bind);
      return `(jsonb_typeof(${column}) = jsonb_typeof(${other}) AND ${column} ${COMPARISONS[operator] ?? '='} ${other})`;
    }
    switch (operator) {
      case '$eq':
        return `${column} = ${json(operand, bind)}`;
      case '$ne':
        return `${column} IS DISTINCT FROM ${json(operand, bind)}`;
      case '$in':
        return isOneOf(column, operand, at, bind);
      case '$nin':
        return `NOT COALESCE(${isOneOf(column, operand, at, bind)}, false)`;
      case '$exists':
        if (typeof operand !== 'boolean') throw wrong(at, 'needs true or false');
        return `${column} IS ${operand ? 'NOT ' : ''}NULL`;
      default:
        throw wrong(at, `is no operator; use ${OPERATORS.join(', ')}`);
    }
  });
}

function isOneOf(column: string, operand: unknown, at: string, bind: (value: unknown) => string): string {
  if (!Array.isArray(operand)) throw wrong(at, 'needs a list');
  return `${column} IN (SELECT jsonb_array_elements(${json(operand, bind)}))`;
}

function json(value: unknown, bind: (value: unknown) => string): string {
  return `${bind(JSON.stringify(value))}::jsonb`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string, problem: string): LongrunError {
  return new LongrunError('VALIDATION_FAILED', `${field}: ${problem}`, { details: { field } });
}
