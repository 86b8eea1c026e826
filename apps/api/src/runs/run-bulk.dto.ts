/**
 * Bodies of the routes that act on many runs.
 */
import {
  CANCEL_ACTIONS,
  TERMINAL_RUN_STATUSES,
  type CancelAction,
  type JsonObject,
} from '@longrun/contracts';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  Min,
} from 'class-validator';
import { AsList, IsJsonObject } from '../http/field-rules.js';

/** Most runs that one request creates or names. */
export const BULK_LIMIT = 1_000;

export class CancelManyQuery {
  @IsOptional()
  @IsIn(CANCEL_ACTIONS)
  action?: CancelAction;
}

/** By which runs are named: by id, or by what they belong to. */
class RunSelectionDto {
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(BULK_LIMIT)
  @IsUUID('all', { each: true })
  run_ids?: string[] | null;

  @IsOptional()
  @IsUUID('all')
  thread_id?: string | null;

  /** Id of an assistant, or name of a graph. Not of the platform. */
  @IsOptional()
  @IsString()
  assistant_id?: string | null;

  /** Not of the platform. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;
}

/** Runs of a thread by id, or all by status; the latter can be narrowed down by assistant and metadata. */
export class CancelManyDto extends RunSelectionDto {
  @IsOptional()
  @IsIn(['pending', 'running', 'all'])
  status?: 'pending' | 'running' | 'all' | null;
}

/** Which ended runs to start anew: by id, or by status, assistant, thread and metadata. */
export class RequeueDto extends RunSelectionDto {
  @IsOptional()
  @AsList()
  @ArrayNotEmpty()
  @IsIn(TERMINAL_RUN_STATUSES, { each: true })
  status?: (typeof TERMINAL_RUN_STATUSES)[number][] | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(BULK_LIMIT)
  limit?: number | null;
}
