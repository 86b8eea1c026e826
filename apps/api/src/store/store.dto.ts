/**
 * Bodies and queries of the routes of the store. What a namespace, a key, a filter or a time to live may be is decided in
 * `packages/graphs/src/store`, for graphs and clients alike.
 */
import type { JsonObject } from '@longrun/contracts';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { AsBoolean, FieldRule, IsJsonObject } from '../http/field-rules.js';
import { PageDto } from '../http/paged.js';
import { ReadAs } from '../http/read-fields.js';

export class StorePutDto {
  @IsOptional()
  @IsArray()
  namespace?: string[] | null;

  @IsString()
  key!: string;

  @IsJsonObject()
  value!: JsonObject;

  /** Null or absent: the fields of langgraph.json; false: none; or paths of fields. */
  @IsOptional()
  @FieldRule(
    'isIndex',
    'must be false or a list of paths of fields',
    { anyOf: [{ const: false }, { type: 'array', items: { type: 'string' } }] },
    (value) => value === false || (Array.isArray(value) && value.every((field) => typeof field === 'string')),
  )
  index?: false | string[] | null;

  /** Minutes; null: for ever. */
  @ValidateIf((_dto: StorePutDto, value) => value !== undefined && value !== null)
  @IsNumber()
  ttl?: number | null;
}

export class StoreGetQuery {
  /** Labels joined by periods, as the SDK sends them, or repeated. */
  @IsOptional()
  @ReadAs(labelsOf)
  @IsArray()
  namespace?: string[];

  @IsString()
  key!: string;

  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  refresh_ttl?: boolean;
}

export class StoreDeleteDto {
  @IsOptional()
  @IsArray()
  namespace?: string[] | null;

  @IsString()
  key!: string;
}

export class StoreSearchDto extends PageDto {
  @IsOptional()
  @IsArray()
  namespace_prefix?: string[] | null;

  @IsOptional()
  @IsJsonObject()
  filter?: JsonObject | null;

  @IsOptional()
  @IsString()
  query?: string | null;

  @IsOptional()
  @IsBoolean()
  refresh_ttl?: boolean | null;
}

export class StoreNamespacesDto extends PageDto {
  @IsOptional()
  @IsArray()
  prefix?: string[] | null;

  @IsOptional()
  @IsArray()
  suffix?: string[] | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  max_depth?: number | null;
}

function labelsOf(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return undefined;
  return [value].flat().flatMap((part: unknown) => (typeof part === 'string' ? part.split('.') : [part]));
}
