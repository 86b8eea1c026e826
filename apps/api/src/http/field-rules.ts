/**
 * Rules for fields that several requests share. Each says in JSON Schema what it takes, for the API's own description: its constraint.
 */
import { applyDecorators } from '@nestjs/common';
import { registerDecorator, ValidateNested } from 'class-validator';
import type { JsonSchema } from '@longrun/graphs';
import { parseJsonPath } from '../threads/json-path.js';
import { ReadAs, readFields } from './read-fields.js';

const OBJECT = { type: 'object' };
const TEXTS = { type: 'array', items: { type: 'string' } };

/** Refuses a documented field that this server cannot honour, by name; null, false and an empty list count as not given. */
export function NotAvailable(why: string): PropertyDecorator {
  return (target, name) => {
    registerDecorator({
      name: 'notAvailable',
      target: target.constructor,
      propertyName: String(name),
      constraints: [
        {
          description: `Not available: ${why}.`,
          anyOf: [{ const: false }, { type: 'array', maxItems: 0 }],
        },
      ],
      validator: {
        validate: (value: unknown) =>
          value === undefined ||
          value === null ||
          value === false ||
          (Array.isArray(value) && value.length === 0),
        defaultMessage: () => `is not available: ${why}`,
      },
    });
  };
}

/** Accepts one value, a list, a JSON list, repeated query parameters and a comma-separated list: clients send all of them. */
export function AsList(): PropertyDecorator {
  return applyDecorators(ReadAs(toList), AsDescribed(AS_LIST));
}

/** Name of the rule that says that a list may be given as one value. */
export const AS_LIST = 'asList';

/** Name of the rule that says what class the items of a list are of: its constraint, as a function. */
export const EACH_IS = 'eachIs';

/** A list of objects of another class. */
export function EachIs(type: () => new () => object): PropertyDecorator {
  const read = (item: unknown): unknown => (isJsonObject(item) ? readFields(type(), item) : item);
  return applyDecorators(
    ValidateNested({ each: true }),
    ReadAs((items) => (Array.isArray(items) ? items.map(read) : items)),
    AsDescribed(EACH_IS, type),
  );
}

/** A rule that refuses nothing: it says how a field may be written. */
function AsDescribed(name: string, ...constraints: unknown[]): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      constraints,
      validator: { validate: () => true, defaultMessage: () => '' },
    });
  };
}

function toList(value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (Array.isArray(value)) return value.flatMap((item: unknown) => toList(item) as unknown[]);
  if (typeof value !== 'string') return [value];
  if (value.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(value);
      if (Array.isArray(list)) return list;
    } catch {
      // Not a JSON list: taken as it is, and judged by the rule for its items.
    }
  }
  return value.split(',').map((item) => item.trim());
}

/** One text or repeated query parameters, each as it is: commas are part of it. */
export function AsTexts(): PropertyDecorator {
  return applyDecorators(
    ReadAs((value) => (typeof value === 'string' ? [value] : value)),
    AsDescribed(AS_LIST),
  );
}

/** Query parameters that are numbers or booleans arrive as text. */
export function AsNumber(): PropertyDecorator {
  return ReadAs(toNumber);
}

/** No list is longer, and Postgres takes no number that is. */
const LARGEST_OFFSET = 2 ** 31 - 1;

/** As {@link AsNumber}; where a list cannot have that many items, its end is meant. */
export function AsOffset(): PropertyDecorator {
  return ReadAs((value) => {
    const offset = toNumber(value);
    return Number.isInteger(offset) ? Math.min(Number(offset), LARGEST_OFFSET) : offset;
  });
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}

/** `1`, `true`, `0`, `false` as text. */
export function AsBoolean(): PropertyDecorator {
  return ReadAs((value) => {
    if (value === 'true' || value === '1' || value === 1) return true;
    return value === 'false' || value === '0' || value === 0 ? false : value;
  });
}

/** `"*"` or a list of node names. */
export function IsNodeSelection(): PropertyDecorator {
  const schema = { anyOf: [{ const: '*' }, TEXTS] };
  return FieldRule('isNodeSelection', 'must be "*" or a list of node names', schema, (value) => {
    return value === '*' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
  });
}

/** A JSON object, not a list. */
export function IsJsonObject(): PropertyDecorator {
  return FieldRule('isJsonObject', 'must be a JSON object', OBJECT, isJsonObject);
}

/** `config` of a run, an assistant or a thread. */
export function IsRunConfig(): PropertyDecorator {
  const sentence =
    'must be an object with `configurable` an object, `recursion_limit` a positive whole number and `tags` a list of texts';
  const schema = {
    type: 'object',
    properties: {
      configurable: { type: ['object', 'null'] },
      recursion_limit: { type: ['integer', 'null'], minimum: 1 },
      tags: { type: ['array', 'null'], items: { type: 'string' } },
    },
  };
  return FieldRule('isRunConfig', sentence, schema, isRunConfig);
}

/** True when the parts of a config that the server itself reads are of their kinds. */
export function isRunConfig(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { configurable, recursion_limit: limit, tags } = value;
  return (
    (configurable === undefined || configurable === null || isJsonObject(configurable)) &&
    (limit === undefined || limit === null || (Number.isInteger(limit) && Number(limit) > 0)) &&
    (tags === undefined ||
      tags === null ||
      (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')))
  );
}

/** A URL that can be called, or a path of this server. */
export function IsWebhookUrl(): PropertyDecorator {
  return FieldRule(
    'isWebhookUrl',
    'must be an http or https URL without credentials, or a path that starts with /',
    { type: 'string', maxLength: 2_048, format: 'uri-reference' },
    (value) => {
      if (typeof value !== 'string' || value.length > 2_048) return false;
      if (value.startsWith('/')) return !value.startsWith('//') && URL.canParse(value, 'http://localhost');
      if (!URL.canParse(value)) return false;
      const { protocol, username, password } = new URL(value);
      return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
    },
  );
}

/** `retry_policy` of a run. */
export function IsRetryPolicy(): PropertyDecorator {
  const sentence =
    'must be an object with `max_attempts` from 1 to 100 and, if given, `initial_interval` and `max_interval` in seconds from 0 to 86400, ' +
    '`backoff_factor` from 1 to 100, `jitter` true or false, and `retry_on` a list of names of errors';
  const fields = ['max_attempts', 'initial_interval', 'backoff_factor', 'max_interval', 'jitter', 'retry_on'];
  const between = (value: unknown, min: number, max: number): boolean =>
    value === undefined || (typeof value === 'number' && value >= min && value <= max);
  const seconds = { type: 'number', minimum: 0, maximum: 86_400 };
  const schema = {
    type: 'object',
    required: ['max_attempts'],
    additionalProperties: false,
    properties: {
      max_attempts: { type: 'integer', minimum: 1, maximum: 100 },
      initial_interval: seconds,
      backoff_factor: { type: 'number', minimum: 1, maximum: 100 },
      max_interval: seconds,
      jitter: { type: 'boolean' },
      retry_on: TEXTS,
    },
  };
  return FieldRule('isRetryPolicy', sentence, schema, (value) => {
    if (!isJsonObject(value) || !Object.keys(value).every((field) => fields.includes(field))) return false;
    const { max_attempts: attempts, retry_on: names, jitter } = value;
    return (
      Number.isInteger(attempts) &&
      between(attempts, 1, 100) &&
      between(value['initial_interval'], 0, 86_400) &&
      between(value['max_interval'], 0, 86_400) &&
      between(value['backoff_factor'], 1, 100) &&
      (jitter === undefined || typeof jitter === 'boolean') &&
      (names === undefined || (Array.isArray(names) && names.every((name) => typeof name === 'string')))
    );
  });
}

/** A hundred years: dates of Postgres end somewhere. */
const MINUTES_AT_MOST = 60 * 24 * 36_525;

/** `ttl` of a thread. */
export function IsTimeToLive(): PropertyDecorator {
  const sentence =
    'must be a number of minutes above 0, or an object with `ttl` that number and, if given, `strategy` delete or keep_latest';
  const minutes = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: MINUTES_AT_MOST };
  const strategy = { enum: ['delete', 'keep_latest'] };
  const schema = {
    anyOf: [minutes, { type: 'object', required: ['ttl'], properties: { ttl: minutes, strategy } }],
  };
  return FieldRule('isTimeToLive', sentence, schema, (value) => {
    if (!isJsonObject(value)) return false;
    const { ttl, strategy } = value;
    const strategies: unknown[] = [undefined, 'delete', 'keep_latest'];
    return typeof ttl === 'number' && ttl > 0 && ttl < MINUTES_AT_MOST && strategies.includes(strategy);
  });
}

const PATHS_AT_MOST = 10;

/** `extract` of a search: paths by the name under which each part is returned. */
export function IsPathsByName(): PropertyDecorator {
  const sentence = `must be an object with at most ${PATHS_AT_MOST} paths such as "values.messages[-1].content" by name`;
  const schema = { type: 'object', additionalProperties: { type: 'string' }, maxProperties: PATHS_AT_MOST };
  return FieldRule('isPathsByName', sentence, schema, (value) => {
    if (!isJsonObject(value)) return false;
    const paths = Object.values(value);
    const isPath = (path: unknown): boolean => typeof path === 'string' && parseJsonPath(path) !== null;
    return paths.length <= PATHS_AT_MOST && paths.every(isPath);
  });
}

/** `command` of a run. */
export function IsRunCommand(): PropertyDecorator {
  const sentence = 'must be an object with at least one of `resume`, `goto` and `update`';
  const target = {
    anyOf: [
      { type: 'string' },
      { type: 'object', required: ['node'], properties: { node: { type: 'string' }, input: {} } },
    ],
  };
  const schema = {
    type: 'object',
    properties: {
      resume: {},
      goto: { anyOf: [target, { type: 'array', items: target }, { type: 'null' }] },
      update: { type: ['object', 'array', 'null'] },
    },
    anyOf: [{ required: ['resume'] }, { required: ['goto'] }, { required: ['update'] }],
  };
  return FieldRule('isRunCommand', sentence, schema, (value) => {
    if (!isJsonObject(value)) return false;
    const { goto, update } = value;
    const targets = Array.isArray(goto) ? goto : [goto];
    const gotoFits = targets.every(
      (target) =>
        target === undefined ||
        target === null ||
        typeof target === 'string' ||
        (isJsonObject(target) && typeof target['node'] === 'string'),
    );
    const updateFits = update === undefined || update === null || typeof update === 'object';
    return gotoFits && updateFits && ('resume' in value || 'goto' in value || 'update' in value);
  });
}

/**
 * A rule for one field.
 *
 * @param sentence what is said of a wrong value
 * @param schema what is taken, in JSON Schema
 */
export function FieldRule(
  name: string,
  sentence: string,
  schema: JsonSchema,
  fits: (value: unknown) => boolean,
): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      constraints: [schema],
      validator: { validate: fits, defaultMessage: () => sentence },
    });
  };
}

/** True for a JSON object, not for a list. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
