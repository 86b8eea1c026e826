/**
 * Body of POST /assistants/search.
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

export class AssistantSearchDto {
  @IsOptional()
  @IsString()
  graph_id?: string;

  @IsOptional()
  @IsString()
  name?: string;

  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  offset?: number;

  @IsOptional()
  @IsIn(['assistant_id', 'graph_id', 'name', 'created_at', 'updated_at'])
  sort_by?: string;

  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_order?: string;

  @IsOptional()
  @AsList()
  @IsIn(FIELDS, { each: true })
  select?: (typeof FIELDS)[number][];
}
