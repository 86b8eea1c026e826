/**
 * Reads JSON bodies: a clear 400 for what is no JSON, 413 for what is too large, and 422 with the field's name for text that
 * Postgres cannot store in a queryable column (NUL, lone surrogates).
 */
import { LongrunError } from '@longrun/contracts';
import type { FastifyInstance } from 'fastify';

/** Escapes that may stand for NUL or for half a surrogate pair; anything else arrives as valid UTF-8. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/i;

/** Replaces Fastify's own parser. */
export function useJsonBody(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser(['application/json']);
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseBody(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws LongrunError MALFORMED_JSON, VALIDATION_FAILED */
export function parseBody(text: string): unknown {
  // Clients send content-type without a body for calls that need none.
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LongrunError('MALFORMED_JSON', `The body is not JSON: ${reason}`, { cause: error });
  }
  if (SUSPICIOUS.test(text)) {
    const path = findUnstorable(value, '');
    if (path !== null) {
      throw new LongrunError(
        'VALIDATION_FAILED',
        `${path || 'body'}: holds a NUL character or half a surrogate pair, which cannot be stored. Remove it.`,
        { details: { field: path } },
      );
    }
  }
  return value;
}

/** Path of the first text that cannot be stored, such as `input.messages.0.content`; null when all can. */
function findUnstorable(value: unknown, path: string): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (!isStorable(key)) return path;
    const found = findUnstorable(item, at);
    if (found !== null) return found;
  }
  return null;
}

function isStorable(text: string): boolean {
  // Iterating by code point leaves a surrogate alone only when it has no partner.
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0 || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}
