/**
 * JSON Schema as OpenAPI 3.1 takes it, and short words for making it.
 */
import type { JsonSchema } from '@longrun/graphs';

export type { JsonSchema } from '@longrun/graphs';

export const anything: JsonSchema = {};
export const text: JsonSchema = { type: 'string' };
export const uuid: JsonSchema = { type: 'string', format: 'uuid' };
/** ISO 8601 in UTC. */
export const time: JsonSchema = { type: 'string', format: 'date-time' };
export const bool: JsonSchema = { type: 'boolean' };
export const integer: JsonSchema = { type: 'integer' };
export const object: JsonSchema = { type: 'object' };

/** A schema of the document's `components`. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function mapOf(additionalProperties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties };
}

export function oneOf(...values: readonly unknown[]): JsonSchema {
  return { enum: values };
}

/** The same, or null. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values, anyOf, $ref } = schema;
  const none = { type: 'null' };
  if (Array.isArray(values)) return { ...schema, enum: [...(values as unknown[]), null] };
  if (Array.isArray(anyOf) && type === undefined)
    return { ...schema, anyOf: [...(anyOf as unknown[]), none] };
  if ($ref !== undefined || Array.isArray(anyOf)) return { anyOf: [schema, none] };
  return typeof type === 'string' ? { ...schema, type: [type, 'null'] } : schema;
}

/** An object with these keys; one that ends in `?` may be missing. */
export function record(fields: Readonly<Record<string, JsonSchema>>, description?: string): JsonSchema {
  const keys = Object.keys(fields);
  const properties = Object.entries(fields).map(([key, schema]) => [key.replace(/\?$/, ''), schema] as const);
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    required: keys.filter((key) => !key.endsWith('?')),
    properties: Object.fromEntries(properties),
  };
}
