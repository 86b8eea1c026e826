/**
 * Bodies that look for assistants and their versions.
 */
import type { JsonObject } from '@longrun/contracts';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { AsList, IsJsonObject } from '../http/field-rules.js';

const FIELDS = [
  'assistant_id',
  'graph_id',
  'name',
  'description',
  'config',
  'context',
  'created_at',
  'updated_at',
  'metadata',
  'version',
] as const;

const SORT_FIELDS = ['assistant_id', 'graph_id', 'name', 'created_at', 'updated_at'] as const;

export class AssistantCountDto {
  @IsOptional()
  @IsString()
  graph_id?: string | null;

  /** A part of the name, in any case. */
  @IsOptional()
  @IsString()
  name?: string | null;

  /** What the metadata must contain. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;
}

export class AssistantSearchDto extends AssistantCountDto {
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number | null;

  @IsOptional()
  @IsInt()
  @Min(0)
  offset?: number | null;

  @IsOptional()
  @IsIn(SORT_FIELDS)
  sort_by?: (typeof SORT_FIELDS)[number] | null;

  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_order?: 'asc' | 'desc' | null;

  @IsOptional()
  @AsList()
  @IsIn(FIELDS, { each: true })
  select?: (typeof FIELDS)[number][] | null;
}

export class AssistantVersionsDto {
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number | null;

  @IsOptional()
  @IsInt()
  @Min(0)
  offset?: number | null;
}
