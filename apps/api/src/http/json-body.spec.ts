import { describe, expect, it } from '@jest/globals';
import { parseBody } from './json-body.js';

const fieldOf = (text: string): unknown => {
  try {
    parseBody(text);
  } catch (error) {
    return (error as { code: string; details: { field?: string } }).details.field;
  }
  return undefined;
};

describe('parseBody', () => {
  it('takes no body for nothing', () => {
    expect(parseBody('')).toBeUndefined();
  });

  it('refuses what is no JSON with the reason of the parser', () => {
    for (const text of ['{"a":', '{a: 1}', 'undefined', ' ']) {
      expect(() => parseBody(text)).toThrow(
        expect.objectContaining({
          code: 'MALFORMED_JSON',
          status: 400,
          message: expect.stringMatching(/JSON: ./),
        }),
      );
    }
  });

  it('names the path of a value that holds a NUL or half a surrogate pair', () => {
    expect(fieldOf('{"input":{"messages":[{"content":"fine"},{"content":"a\\u0000b"}]}}')).toBe(
      'input.messages.1.content',
    );
    expect(fieldOf('{"metadata":{"x":"\\ud83d"}}')).toBe('metadata.x');
    expect(fieldOf('{"metadata":{"x":["\\uDE00 and more"]}}')).toBe('metadata.x.0');
    expect(fieldOf('{"a":"\\ude00\\ud83d"}')).toBe('a');
  });

  it('names the object whose key cannot be stored, since the key itself cannot be told', () => {
    expect(fieldOf('{"metadata":{"inner":{"k\\u0000":1}}}')).toBe('metadata.inner');
    expect(fieldOf('{"list":[{"\\ud800":1}]}')).toBe('list.0');
    expect(() => parseBody('{"\\u0000":1}')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        status: 422,
        message: expect.stringMatching(/^body: /),
      }),
    );
  });

  it('takes whole pairs, escaped or not, in keys and values', () => {
    expect(parseBody('{"\\ud83d\\ude00":"\\uD83D\\uDE00 😀"}')).toEqual({ '😀': '😀 😀' });
  });

  it('takes an escaped backslash before u0000 for the six characters that it is', () => {
    expect(parseBody('{"a":"\\\\u0000 \\\\ud83d"}')).toEqual({ a: '\\u0000 \\ud83d' });
    expect(fieldOf('{"a":"\\\\\\u0000"}')).toBe('a');
  });

  it('refuses what is nested deeper than 256 levels before anything goes down into it', () => {
    const lists = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    for (const nested of [lists, objects]) {
      expect(parseBody(nested(256))).toBeDefined();
      for (const depth of [257, 1_000_000]) {
        expect(() => parseBody(nested(depth))).toThrow(
          expect.objectContaining({
            code: 'VALIDATION_FAILED',
            message: expect.stringMatching(/^body: .*256/),
          }),
        );
      }
    }
  });

  it('takes brackets within texts, and lists beside each other, for no levels', () => {
    const text = `{"a":"${'['.repeat(300)}\\\\\\"${'{'.repeat(300)}\\\\","b":[${'[],'.repeat(300)}[]]}`;
    expect(Object.keys(parseBody(text) as object)).toEqual(['a', 'b']);
  });
});
