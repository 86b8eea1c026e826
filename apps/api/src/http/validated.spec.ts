import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max } from 'class-validator';
import { AsNumber, EachIs, IsJsonObject } from './field-rules.js';
import { namesForHeader, toValidated, WithoutEffect } from './validated.js';

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

  it('hands values on as they came, whatever their keys are', () => {
    class Item {
      @IsOptional()
      @AsNumber()
      @IsInt()
      size?: number;
    }
    class Holder {
      @IsJsonObject()
      metadata!: object;

      @EachIs(() => Item)
      items!: Item[];
    }
    const text = '{"constructor":"Ferrari","__proto__":{"x":1},"toString":null,"a":[{"constructor":{}}]}';
    const metadata = JSON.parse(text) as object;
    const { dto } = toValidated(Holder, { metadata, items: [{ size: '7', constructor: 1 }] });
    expect(JSON.stringify(dto.metadata)).toBe(text);
    expect(dto.items[0]).toEqual(Object.assign(new Item(), { size: 7 }));
    expect(() => toValidated(Holder, { metadata, items: [{ size: 'x' }] })).toThrow(/^items\.0\.size: /);
    expect(() => toValidated(Holder, { metadata, items: [7] })).toThrow(/^items\.0: /);
    expect(() => toValidated(Dto, JSON.parse('{"__proto__":{"name":"n"}}'))).toThrow(/^name: /);
  });

  it('refuses what is no object', () => {
    for (const value of [null, [], 'text', 7]) {
      expect(() => toValidated(Dto, value)).toThrow('body: must be a JSON object');
    }
  });
});

describe('names of fields in a header', () => {
  it('are plain ASCII, whatever was sent', () => {
    expect(namesForHeader(['colour', 'a b', 'a\r\nset-cookie: x', 'ü😀', 'a,b', '\ud800', ''])).toEqual([
      'colour',
      'a b',
      'a%0D%0Aset-cookie: x',
      '%C3%BC%F0%9F%98%80',
      'a%2Cb',
      '%EF%BF%BD',
      '',
    ]);
  });

  it('are not more than fit', () => {
    const told = namesForHeader(Array.from({ length: 3_000 }, (_, i) => `${'ü'.repeat(1_000)}${i}`));
    expect(told.at(-1)).toBe('and 2980 more');
    expect(told.join(', ').length).toBeLessThan(4_000);
  });
});
