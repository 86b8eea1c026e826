import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max } from 'class-validator';
import { toValidated, WithoutEffect } from './validated.js';

class Dto {
  @IsString()
  @IsNotEmpty()
  name!: string;

  @IsOptional()
  @IsInt()
  @Max(10)
  limit: number = 5;

  @IsOptional()
  @IsIn(['asc', 'desc'])
  order?: 'asc' | 'desc';
}

describe('toValidated', () => {
  it('fills in defaults', () => {
    expect(toValidated(Dto, { name: 'n' })).toMatchObject({ dto: { name: 'n', limit: 5 }, ignored: [] });
  });

  it('names every wrong field, each once, in one error', () => {
    const wrong = { limit: 'many', order: 'up' };
    expect(() => toValidated(Dto, wrong)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: { fields: ['name', 'limit', 'order'] },
        message: expect.stringMatching(/^name: [^;]+; limit: must [^;]+; order: must be one of [^;]+$/),
      }),
    );
  });

  it('drops fields it does not know and lists them, also those that every object inherits', () => {
    const sent = JSON.parse('{"name":"n","nmae":1,"constructor":2,"toString":3}') as object;
    const { dto, ignored } = toValidated(Dto, sent);
    expect(ignored).toEqual(['nmae', 'constructor', 'toString']);
    expect(Object.keys(dto).filter((key) => !['name', 'limit', 'order'].includes(key))).toEqual([]);
  });

  it('checks a field that means nothing to the request, then drops and lists it', () => {
    @WithoutEffect('order')
    class Unordered extends Dto {}
    expect(toValidated(Unordered, { name: 'n', order: 'asc' })).toEqual({
      dto: expect.not.objectContaining({ order: 'asc' }) as object,
      ignored: ['order'],
    });
    expect(toValidated(Unordered, { name: 'n' }).ignored).toEqual([]);
    expect(() => toValidated(Unordered, { name: 'n', order: 'up' })).toThrow(/^order: must be one of/);
    expect(toValidated(Dto, { name: 'n', order: 'asc' }).ignored).toEqual([]);
  });

  it('refuses what is no object', () => {
    for (const value of [null, [], 'text', 7]) {
      expect(() => toValidated(Dto, value)).toThrow('body: must be a JSON object');
    }
  });
});
