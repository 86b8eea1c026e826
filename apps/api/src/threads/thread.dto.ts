/**
 * Bodies and queries of the routes of threads.
 */
import {
  THREAD_STATUSES,
  type CheckpointSelector,
  type JsonObject,
  type ThreadStatus,
} from '@longrun/contracts';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { AsBoolean, AsList, AsNumber, IsJsonObject, NotAvailable } from '../http/field-rules.js';

const THREAD_FIELDS = [
  'thread_id',
  'created_at',
  'updated_at',
  'state_updated_at',
  'metadata',
  'status',
  'config',
  'values',
  'interrupts',
  'error',
] as const;

export class ThreadCreateDto {
  @IsOptional()
  @IsUUID('all')
  thread_id?: string | null;

  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @IsIn(['raise', 'do_nothing'])
  if_exists?: 'raise' | 'do_nothing' | null;

  @NotAvailable('seeding a thread with supersteps comes with a later version')
  supersteps?: unknown;

  @NotAvailable('a time to live of threads comes with a later version')
  ttl?: unknown;
}

export class ThreadSearchDto {
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @IsJsonObject()
  values?: JsonObject | null;

  @IsOptional()
  @IsArray()
  @IsUUID('all', { each: true })
  ids?: string[] | null;

  @IsOptional()
  @IsIn(THREAD_STATUSES)
  status?: ThreadStatus | null;

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
  @IsIn(['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at'])
  sort_by?: string | null;

  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_order?: string | null;

  @IsOptional()
  @AsList()
  @IsIn(THREAD_FIELDS, { each: true })
  select?: string[] | null;

  @NotAvailable('extracting paths comes with a later version')
  extract?: unknown;
}

export class ThreadStateQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  subgraphs?: boolean;

  @NotAvailable('selecting parts of a state comes with a later version')
  select?: unknown;
}

export class ThreadStateAtDto {
  @IsJsonObject()
  checkpoint!: CheckpointSelector;

  @IsOptional()
  @IsBoolean()
  subgraphs?: boolean | null;

  @NotAvailable('selecting parts of a state comes with a later version')
  select?: unknown;
}

export class ThreadHistoryDto {
  @IsOptional()
  @AsNumber()
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number | null;

  /** A checkpoint id, or a config that names one. */
  @IsOptional()
  before?: string | JsonObject | null;

  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @IsJsonObject()
  checkpoint?: CheckpointSelector | null;

  @NotAvailable('selecting parts of a state comes with a later version')
  select?: unknown;
}
