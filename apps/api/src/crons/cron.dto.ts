/**
 * Bodies of the routes of crons. What a schedule or a time zone may be is decided in `packages/runs/src/crons`.
 */
import { CRON_SORT_FIELDS, type JsonObject } from '@longrun/contracts';
import {
  IsBoolean,
  IsIn,
  IsISO8601,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
} from 'class-validator';
import { AsList, IsJsonObject } from '../http/field-rules.js';
import { withSortedPage } from '../http/paged.js';
import { RunPayloadDto } from '../runs/run-payload.dto.js';

/** `now` is the time of the server. */
const CRON_FIELDS = [
  'cron_id',
  'assistant_id',
  'thread_id',
  'on_run_completed',
  'end_time',
  'schedule',
  'timezone',
  'created_at',
  'updated_at',
  'user_id',
  'payload',
  'next_run_date',
  'metadata',
  'enabled',
  'last_error',
  'now',
] as const;

const LONGEST_SCHEDULE = 200;

/** What a cron says of its time, and of the threads of its runs. */
class CronTimesDto extends RunPayloadDto {
  /** IANA name; null is UTC. */
  @IsOptional()
  @IsString()
  timezone?: string | null;

  /** UTC unless it says otherwise. */
  @IsOptional()
  @IsISO8601({ strict: true })
  end_time?: string | null;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean | null;

  @IsOptional()
  @IsIn(['delete', 'keep'])
  on_run_completed?: 'delete' | 'keep' | null;
}

export class CronCreateDto extends CronTimesDto {
  /** Id of an assistant, or name of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id!: string;

  /** Five fields. */
  @IsString()
  @MaxLength(LONGEST_SCHEDULE)
  schedule!: string;
}

export class CronUpdateDto extends CronTimesDto {
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_SCHEDULE)
  schedule?: string | null;
}

export class CronCountDto {
  /** Id of an assistant, or name of a graph. */
  @IsOptional()
  @IsString()
  assistant_id?: string | null;

  @IsOptional()
  @IsUUID('all')
  thread_id?: string | null;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean | null;

  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;
}

export class CronSearchDto extends withSortedPage(CronCountDto, CRON_SORT_FIELDS) {
  @IsOptional()
  @AsList()
  @IsIn(CRON_FIELDS, { each: true })
  select?: (typeof CRON_FIELDS)[number][] | null;
}
