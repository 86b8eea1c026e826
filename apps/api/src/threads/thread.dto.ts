/**
 * Bodies and queries of the routes of threads.
 */
import {
  THREAD_STATUSES,
  type CheckpointSelector,
  type JsonObject,
  type RunCommand,
  type ThreadStatus,
} from '@longrun/contracts';
import {
  Allow,
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  Min,
} from 'class-validator';
import {
  AsBoolean,
  AsList,
  AsNumber,
  EachIs,
  IsJsonObject,
  IsPathsByName,
  IsRunCommand,
  IsTimeToLive,
} from '../http/field-rules.js';
import { withSortedPage } from '../http/paged.js';
import { IsStateSelection } from './state-selection.js';
import { AsTimeToLive, type TimeToLive } from './time-to-live.js';

/** What a search returns of each thread, unless it selects. */
export const THREAD_FIELDS = [
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
export type ThreadField = (typeof THREAD_FIELDS)[number];

const SORT_FIELDS = ['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at'] as const;

const PRUNED_AT_ONCE = 1_000;

/** One write of a superstep: values, or a command, as if a node had made it. */
export class SuperstepUpdateDto {
  @Allow()
  values?: unknown;

  @IsOptional()
  @IsRunCommand()
  command?: RunCommand | null;

  @IsString()
  @IsNotEmpty()
  as_node!: string;
}

export class SuperstepDto {
  @IsArray()
  @ArrayNotEmpty()
  @EachIs(() => SuperstepUpdateDto)
  updates!: SuperstepUpdateDto[];
}

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

  /** The state that the thread begins with, as steps that were made elsewhere. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1_000)
  @EachIs(() => SuperstepDto)
  supersteps?: SuperstepDto[] | null;

  @IsOptional()
  @AsTimeToLive()
  @IsTimeToLive()
  ttl?: TimeToLive | null;
}

export class ThreadPatchDto {
  /** Merged into what is there. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @AsTimeToLive()
  @IsTimeToLive()
  ttl?: TimeToLive | null;
}

export class ThreadGetQuery {
  @IsOptional()
  @AsList()
  @IsIn(['ttl'], { each: true })
  include?: 'ttl'[];
}

/** Which threads are meant. */
export class ThreadFilterDto {
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @IsJsonObject()
  values?: JsonObject | null;

  @IsOptional()
  @IsIn(THREAD_STATUSES)
  status?: ThreadStatus | null;
}

export class ThreadSearchDto extends withSortedPage(ThreadFilterDto, SORT_FIELDS) {
  @IsOptional()
  @IsArray()
  @IsUUID('all', { each: true })
  ids?: string[] | null;

  @IsOptional()
  @AsList()
  @IsIn(THREAD_FIELDS, { each: true })
  select?: ThreadField[] | null;

  /** Parts of the threads under names of the client's: `{"last": "values.messages[-1].content"}`. */
  @IsOptional()
  @IsPathsByName()
  extract?: Record<string, string> | null;
}

export class ThreadPruneDto {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(PRUNED_AT_ONCE)
  @IsUUID('all', { each: true })
  thread_ids!: string[];

  /** `keep_latest` keeps the thread with its newest state and forgets the history. */
  @IsOptional()
  @IsIn(['delete', 'keep_latest'])
  strategy?: 'delete' | 'keep_latest' | null;
}

export class ThreadStateQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  subgraphs?: boolean;

  @IsOptional()
  @AsList()
  @IsStateSelection()
  select?: string[] | null;
}

export class ThreadStateAtDto {
  @IsJsonObject()
  checkpoint!: CheckpointSelector;

  @IsOptional()
  @IsBoolean()
  subgraphs?: boolean | null;

  @IsOptional()
  @AsList()
  @IsStateSelection()
  select?: string[] | null;
}

export class ThreadStateUpdateDto {
  /** One update, a list of them, or null: the node made none. */
  @Allow()
  values?: unknown;

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  as_node?: string | null;

  @IsOptional()
  @IsJsonObject()
  checkpoint?: CheckpointSelector | null;

  @IsOptional()
  @IsString()
  checkpoint_id?: string | null;
}

export class ThreadStatePatchDto {
  /** Merged into the metadata of the newest checkpoint. */
  @IsJsonObject()
  metadata!: JsonObject;
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

  @IsOptional()
  @AsList()
  @IsStateSelection()
  select?: string[] | null;
}
