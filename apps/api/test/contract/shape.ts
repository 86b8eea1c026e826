/**
 * A small language for the shape of an answer: exactly these keys, each of its kind. What has a shape too much, or lacks one, is
 * listed with its path.
 */
import { expect } from '@jest/globals';
import { validate as isUuid } from 'uuid';

/** Sentences about what does not fit, each with the path; none when it fits. */
export type Shape = (value: unknown, path: string) => string[];

const is = (what: string, fits: (value: unknown) => boolean): Shape => {
  return (value, path) => (fits(value) ? [] : [`${path}: is not ${what}: ${JSON.stringify(value)}`]);
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const anything = is('there', (value) => value !== undefined);
export const text = is('a text', (value) => typeof value === 'string');
export const uuid = is('a UUID', (value) => isUuid(value));
export const bool = is('true or false', (value) => typeof value === 'boolean');
export const integer = is('a whole number', Number.isInteger);
export const object = is('an object', isObject);
export const nothing = is('null', (value) => value === null);
/** ISO 8601 with a time zone. */
export const time = is(
  'a time',
  (value) =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !isNaN(Date.parse(value)),
);

export const oneOf = (...values: unknown[]): Shape =>
  is(`one of ${values.join(', ')}`, (value) => values.includes(value));

export const either = (...shapes: Shape[]): Shape => {
  return (value, path) => {
    const problems = shapes.map((shape) => shape(value, path));
    return problems.some((found) => found.length === 0) ? [] : problems.flat();
  };
};

export const orNull = (shape: Shape): Shape => either(nothing, shape);

export const listOf = (shape: Shape): Shape => {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, i) => shape(item, `${path}[${i}]`))
      : [`${path}: is not a list`];
};

export const mapOf = (shape: Shape): Shape => {
  return (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => shape(item, `${path}.${key}`))
      : [`${path}: is not an object`];
};

/** Exactly these keys; a key that ends in `?` may be missing. */
export const record = (fields: Readonly<Record<string, Shape>>): Shape => {
  const known = new Map(
    Object.entries(fields).map(([key, shape]) => [
      key.replace(/\?$/, ''),
      { shape, optional: key.endsWith('?') },
    ]),
  );
  return (value, path) => {
    if (!isObject(value)) return [`${path}: is not an object: ${JSON.stringify(value)}`];
    const surplus = Object.keys(value).filter((key) => !known.has(key));
    return [
      ...surplus.map((key) => `${path}.${key}: is not documented`),
      ...[...known].flatMap(([key, { shape, optional }]) => {
        if (!Object.hasOwn(value, key)) return optional ? [] : [`${path}.${key}: is missing`];
        return shape(value[key], `${path}.${key}`);
      }),
    ];
  };
};

/** Fails with every sentence that does not fit. Returns the value, for the next look at it. */
export function expectShape<T>(value: T, shape: Shape): T {
  expect(shape(value, 'answer')).toEqual([]);
  return value;
}
