/**
 * Reads JSON bodies: a clear 400 for what is no JSON, 413 for what is too large, and 422 with the field's name for text that
 * Postgres cannot store in a queryable column (NUL, lone surrogates) and for what is nested too deep.
 */
import { LongrunError } from '@longrun/contracts';
import type { FastifyInstance } from 'fastify';

/** Escapes that may stand for NUL or for half a surrogate pair; anything else arrives as valid UTF-8. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/i;

/** Levels of lists and objects in each other. What comes after (validation, Postgres, the graph) goes down level by level on a stack. */
const DEEPEST = 256;

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
  if (isTooDeep(text)) {
    throw new LongrunError('VALIDATION_FAILED', `body: must not have more than ${DEEPEST} levels`, {
      details: { field: 'body' },
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // The parser quotes what surrounds the place, which may be a secret.
    const plain = reason.replace(/, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, '');
    throw new LongrunError('MALFORMED_JSON', `The body is not JSON: ${plain}`);
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

/** Looks at the text, as the value would have to be gone down into. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfText(text, i);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > DEEPEST) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
    }
  }
  return false;
}

/** Where the quotes that are opened at `from` are closed; the end of all when they are not. */
function endOfText(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
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
