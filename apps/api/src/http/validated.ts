/**
 * Turns what a client sent into a validated DTO: `@Body`, `@Query` and `@Param` of this API. A wrong field is a 422 that names it;
 * a field that the API does not know, or that means nothing to the request, is dropped and named in a response header, so that nothing
 * is ignored in silence.
 */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import { validateSync, type ValidationError } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { validate as isUuid } from 'uuid';
import { readFields } from './read-fields.js';

export const IGNORED_FIELDS_HEADER = 'x-longrun-ignored-fields';

/** The header is for people, and clients take no more than about 16 KB of headers. */
const MOST_NAMES = 20;
const LONGEST_NAME = 100;

type Dto = new () => object;

const withoutEffect = new WeakMap<object, readonly string[]>();

/** Fields of a DTO that mean nothing to its request: they are checked as the others, then dropped and named as ignored. */
export function WithoutEffect(...fields: string[]): ClassDecorator {
  return (type) => void withoutEffect.set(type, fields);
}

/** What {@link WithoutEffect} says of a DTO. */
export function fieldsWithoutEffect(type: Dto): readonly string[] {
  return withoutEffect.get(type) ?? [];
}

/**
 * @throws LongrunError VALIDATION_FAILED naming every wrong field
 */
export function toValidated<T extends object>(
  type: new () => T,
  value: unknown,
): { dto: T; ignored: string[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LongrunError('VALIDATION_FAILED', 'body: must be a JSON object', {
      details: { field: 'body' },
    });
  }
  const dto = readFields(type, value);
  const given = Object.keys(value);
  const errors = validateSync(dto, { stopAtFirstError: true });
  if (errors.length > 0) {
    const problems = errors.flatMap((error) => describe(error, ''));
    throw new LongrunError('VALIDATION_FAILED', problems.map(({ text }) => text).join('; '), {
      details: { fields: problems.map(({ field }) => field) },
    });
  }
  for (const field of fieldsWithoutEffect(type)) Reflect.deleteProperty(dto, field);
  return { dto, ignored: given.filter((field) => !Object.hasOwn(dto, field)) };
}

function describe(error: ValidationError, prefix: string): { field: string; text: string }[] {
  const field = prefix === '' ? error.property : `${prefix}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({
    field,
    text: `${field}: ${message.startsWith(`${error.property} `) ? message.slice(error.property.length + 1) : message}`,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => describe(child, field))];
}

/** Body or query of a request as a validated DTO; what is ignored of it is named in the header of the answer. Throws as `toValidated`. */
export function validPart<T extends object>(
  part: 'body' | 'query',
  type: new () => T,
  context: ExecutionContext,
): T {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  const { dto, ignored } = toValidated(type, request[part] ?? {});
  // Body and query of one request may each have some.
  const before = reply.getHeader(IGNORED_FIELDS_HEADER);
  const told = namesForHeader(ignored);
  const all = before === undefined ? told : [String(before), ...told];
  if (ignored.length > 0) void reply.header(IGNORED_FIELDS_HEADER, all.join(', '));
  return dto;
}

/**
 * Names as they fit into a header: what is no plain ASCII is percent-encoded, long ones are cut, of many the first are told.
 */
export function namesForHeader(names: readonly string[]): string[] {
  const told = names.slice(0, MOST_NAMES).map((name) => {
    const encoded = name.replace(/[^!-+\--~ ]/gu, (character) =>
      // Half a surrogate pair becomes the character that stands for what is none.
      encodeURIComponent(Buffer.from(character).toString()),
    );
    return encoded.length > LONGEST_NAME ? `${encoded.slice(0, LONGEST_NAME)}...` : encoded;
  });
  const more = names.length - told.length;
  return more > 0 ? [...told, `and ${more} more`] : told;
}

/** @throws LongrunError VALIDATION_FAILED when the path parameter is no UUID */
export function uuidOfPath(name: string, context: ExecutionContext): string {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return uuidIn(name, (request.params as Record<string, string | undefined>)[name]);
}

/**
 * @param name of the field that the value is of
 * @throws LongrunError VALIDATION_FAILED when it is no UUID
 */
export function uuidIn(name: string, value: unknown): string {
  if (isUuid(value)) return String(value).toLowerCase();
  const shown = typeof value === 'string' ? `"${value.slice(0, 60)}"` : typeof value;
  throw new LongrunError('VALIDATION_FAILED', `${name}: must be a UUID, not ${shown}`, {
    details: { field: name },
  });
}

/** Factory of {@link ValidBody}. */
export function bodyOfRequest(type: Dto, context: ExecutionContext): object {
  return validPart('body', type, context);
}

/** Factory of {@link ValidQuery}. */
export function queryOfRequest(type: Dto, context: ExecutionContext): object {
  return validPart('query', type, context);
}

/** The body as a validated DTO; no body is an empty object. */
export const ValidBody = createParamDecorator(bodyOfRequest);
/** The query as a validated DTO. */
export const ValidQuery = createParamDecorator(queryOfRequest);
/** A path parameter that must be a UUID. */
export const UuidParam = createParamDecorator(uuidOfPath);
