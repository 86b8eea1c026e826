/**
 * From the classes of requests to JSON Schema, by the rules of their fields. A rule that says nothing of itself is an error: then the
 * description would be silent about what a request is refused for.
 */
import { getMetadataStorage } from 'class-validator';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import { AS_LIST, EACH_IS } from '../http/field-rules.js';
import { fieldsWithoutEffect } from '../http/validated.js';
import { orNull, type JsonSchema } from './schema.js';

export type RequestClass = new () => object;

/** What the rules of class-validator that are used here say. */
const RULES: Readonly<Record<string, (constraint: unknown) => JsonSchema>> = {
  isString: () => ({ type: 'string' }),
  isNotEmpty: () => ({ minLength: 1 }),
  isBoolean: () => ({ type: 'boolean' }),
  isNumber: () => ({ type: 'number' }),
  isInt: () => ({ type: 'integer' }),
  min: (minimum) => ({ minimum }),
  max: (maximum) => ({ maximum }),
  maxLength: (maxLength) => ({ maxLength }),
  isIn: (values) => ({ enum: values }),
  isUuid: () => ({ type: 'string', format: 'uuid' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  matches: (pattern) => ({ type: 'string', pattern: (pattern as RegExp).source }),
  isArray: () => ({ type: 'array' }),
  arrayNotEmpty: () => ({ type: 'array', minItems: 1 }),
  arrayMaxSize: (maxItems) => ({ type: 'array', maxItems }),
};

/** Fields whose rules are `whitelist` (any value) or `notAvailable` may be missing, too. */
const OPTIONAL = ['conditionalValidation', 'whitelistValidation', 'notAvailable'];

const IGNORED = 'Means nothing to this request: ignored, and named as such.';

/** A class of the body: an object whose optional fields may be null. */
export function bodySchema(type: RequestClass): JsonSchema {
  const fields = fieldsOf(type);
  const ignored = fieldsWithoutEffect(type);
  const properties = fields.map(({ name, schema, isOptional, isListOrOne }) => {
    const either = isListOrOne ? { anyOf: [schema, schema['items']] } : schema;
    const whole = isOptional ? orNull(either) : either;
    return [name, ignored.includes(name) ? { ...whole, description: IGNORED } : whole] as const;
  });
  const required = fields.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
  };
}

/** A class of the query: its parameters. */
export function querySchemas(type: RequestClass): { name: string; required: boolean; schema: JsonSchema }[] {
  return fieldsOf(type).map(({ name, schema, isOptional }) => ({ name, required: !isOptional, schema }));
}

interface Field {
  name: string;
  schema: JsonSchema;
  isOptional: boolean;
  /** A list that may also be given as its only item. */
  isListOrOne: boolean;
}

/** In the order of their names. */
function fieldsOf(type: RequestClass): Field[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))].sort();
  return names.map((name) => {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const kinds = own.map((rule) => rule.name ?? rule.type).concat(own.map(({ type: kind }) => kind));
    return {
      name,
      schema: mergedSchema(own.map((rule) => schemaOf(type, rule)).reverse()),
      isOptional: kinds.some((kind) => OPTIONAL.includes(kind)),
      isListOrOne: kinds.includes(AS_LIST),
    };
  });
}

function schemaOf(type: RequestClass, rule: ValidationMetadata): JsonSchema {
  const schema = schemaOfRule(type, rule);
  return rule.each ? { type: 'array', items: schema } : schema;
}

function schemaOfRule(type: RequestClass, rule: ValidationMetadata): JsonSchema {
  const constraints = (rule.constraints ?? []) as unknown[];
  if (rule.name === EACH_IS) {
    return { type: 'array', items: bodySchema((constraints[0] as () => RequestClass)()) };
  }
  if (rule.type !== 'customValidation' || rule.name === AS_LIST) return {};
  const known = RULES[rule.name ?? ''];
  if (known) return known(constraints[0]);
  const [described] = constraints;
  if (typeof described === 'object' && described !== null) return described as JsonSchema;
  throw new Error(`${type.name}.${rule.propertyName}: the rule "${rule.name}" has no JSON Schema.`);
}

function mergedSchema(schemas: readonly JsonSchema[]): JsonSchema {
  const merged: JsonSchema = Object.assign({}, ...schemas) as JsonSchema;
  const items = schemas.flatMap((schema) => (schema['items'] === undefined ? [] : [schema['items']]));
  if (items.length > 0) merged['items'] = Object.assign({}, ...items);
  else if (merged['type'] === 'array') merged['items'] = {};
  return merged;
}
