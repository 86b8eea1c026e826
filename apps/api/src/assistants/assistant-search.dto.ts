/**
 * Bodies that look for assistants and their versions.
 */
import type { JsonObject } from '@longrun/contracts';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { AsList, IsJsonObject } from '../http/field-rules.js';
import { PageDto, withSortedPage } from '../http/paged.js';

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

export type AssistantSortField = (typeof SORT_FIELDS)[number];

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

export class AssistantSearchDto extends withSortedPage(AssistantCountDto, SORT_FIELDS) {
  @IsOptional()
  @AsList()
  @IsIn(FIELDS, { each: true })
  select?: (typeof FIELDS)[number][] | null;
}

export class AssistantVersionsDto extends PageDto {
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;
}
