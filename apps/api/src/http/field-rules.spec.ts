import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { IsBoolean, IsIn, IsNumber, IsOptional } from 'class-validator';
import {
  AsBoolean,
  AsList,
  AsNumber,
  IsJsonObject,
  IsNodeSelection,
  IsRunCommand,
  IsRunConfig,
  NotAvailable,
} from './field-rules.js';
import { toValidated } from './validated.js';

class Dto {
  @IsOptional()
  @AsList()
  @IsIn(['values', 'updates', 'messages'], { each: true })
  modes?: string[];

  @IsOptional()
  @AsNumber()
  @IsNumber()
  count?: number;

  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  flag?: boolean;

  @IsOptional()
  @IsJsonObject()
  object?: object;

  @IsOptional()
  @IsNodeSelection()
  nodes?: unknown;

  @IsOptional()
  @IsRunConfig()
  config?: unknown;

  @IsOptional()
  @IsRunCommand()
  command?: unknown;

  @NotAvailable('it comes later')
  later?: unknown;
}

const read = (field: keyof Dto, value: unknown): unknown => toValidated(Dto, { [field]: value }).dto[field];
const isTaken = (field: keyof Dto, value: unknown): boolean => {
  try {
    read(field, value);
    return true;
  } catch {
    return false;
  }
};

describe('a list in a query', () => {
  it.each([
    ['one value', 'values', ['values']],
    ['a JSON list', '["values","updates"]', ['values', 'updates']],
    ['repeated parameters', ['values', 'updates'], ['values', 'updates']],
    ['a comma-separated list', 'values, updates', ['values', 'updates']],
    [
      'repeated parameters that hold lists themselves',
      ['values', 'updates,messages'],
      ['values', 'updates', 'messages'],
    ],
  ])('may be sent as %s', (_name, sent, list) => {
    expect(read('modes', sent)).toEqual(list);
  });

  it('is judged item by item', () => {
    for (const sent of ['nothing', 'values,nothing', '["values",7]', '[broken', 7])
      expect(isTaken('modes', sent)).toBe(false);
  });

  it('stays absent when it is', () => {
    expect(read('modes', undefined)).toBeUndefined();
  });
});

describe('numbers and booleans in a query', () => {
  it('are read from text', () => {
    expect([read('count', '12'), read('count', 12)]).toEqual([12, 12]);
    expect(['true', '1', 'false', '0'].map((text) => read('flag', text))).toEqual([true, true, false, false]);
  });

  it('are refused when they are none', () => {
    for (const text of ['', ' ', 'x', '1x']) expect(isTaken('count', text)).toBe(false);
    for (const text of ['', 'yes', '2', 'TRUE']) expect(isTaken('flag', text)).toBe(false);
  });
});

describe('fields of a run', () => {
  it('takes a node selection of "*" or names only', () => {
    expect(['*', ['a', 'b'], []].map((value) => isTaken('nodes', value))).toEqual([true, true, true]);
    expect(['a', [1], {}, 7].map((value) => isTaken('nodes', value))).toEqual([false, false, false, false]);
  });

  it('takes JSON objects, and neither lists nor texts, where an object is expected', () => {
    expect([{}, { a: [] }].map((value) => isTaken('object', value))).toEqual([true, true]);
    expect([[], 'x', 1, true].map((value) => isTaken('object', value))).toEqual([false, false, false, false]);
  });

  it('checks the parts of a config that the server itself reads', () => {
    const good = [
      {},
      { recursion_limit: 1, tags: ['t'], configurable: { a: 1 }, own: 1 },
      { tags: null, configurable: null },
    ];
    const bad = [
      [],
      { recursion_limit: 0 },
      { recursion_limit: 1.5 },
      { tags: 'x' },
      { tags: [1] },
      { configurable: [] },
    ];
    expect(good.map((value) => isTaken('config', value))).toEqual(good.map(() => true));
    expect(bad.map((value) => isTaken('config', value))).toEqual(bad.map(() => false));
  });

  it('takes a command that says at least one thing, and answers of any kind, null and false included', () => {
    const good = [
      { resume: null },
      { resume: false },
      { goto: 'n' },
      { goto: ['n', { node: 'm', input: 1 }] },
      { update: [['k', 1]] },
      { update: { k: 1 } },
    ];
    const bad = [{}, [], { other: 1 }, { goto: 7 }, { goto: [{ input: 1 }] }, { update: 'x' }];
    expect(good.map((value) => isTaken('command', value))).toEqual(good.map(() => true));
    expect(bad.map((value) => isTaken('command', value))).toEqual(bad.map(() => false));
  });

  it('refuses a field that is not available by name and reason, unless it asks for nothing', () => {
    expect(() => read('later', 'https://example.com')).toThrow('later: is not available: it comes later');
    for (const nothing of [undefined, null, false, []]) expect(isTaken('later', nothing)).toBe(true);
  });
});
