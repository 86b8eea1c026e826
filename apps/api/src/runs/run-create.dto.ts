/**
 * The body of every request that creates a run. Each field changes what happens, or is refused by name.
 */
import type { CheckpointSelector, RunCommand } from '@longrun/contracts';
import type { RunRequest } from '@longrun/runs';
import { IsBoolean, IsIn, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { IsJsonObject, IsRunCommand, NotAvailable } from '../http/field-rules.js';
import { RunPayloadDto } from './run-payload.dto.js';

export class RunCreateDto extends RunPayloadDto implements RunRequest {
  /** Id of an assistant, or name of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id!: string;

  @IsOptional()
  @IsRunCommand()
  command?: RunCommand | null;

  @IsOptional()
  @IsJsonObject()
  checkpoint?: CheckpointSelector | null;

  @IsOptional()
  @IsString()
  checkpoint_id?: string | null;

  /** `complete` and `continue` are the SDK's words for `delete` and `keep`. */
  @IsOptional()
  @IsIn(['delete', 'keep', 'complete', 'continue'])
  on_completion?: 'delete' | 'keep' | 'complete' | 'continue' | null;

  @IsOptional()
  @IsIn(['cancel', 'continue'])
  on_disconnect?: 'cancel' | 'continue' | null;

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(366 * 24 * 3_600)
  after_seconds?: number | null;

  @IsOptional()
  @IsIn(['create', 'reject'])
  if_not_exists?: 'create' | 'reject' | null;

  @NotAvailable('feedback keys need a commercial tracing service')
  feedback_keys?: unknown;

  @NotAvailable('tracing to a commercial service is not part of this server')
  langsmith_tracer?: unknown;

  /** An answer to a question that is not waiting fails the run instead of being ignored. */
  @IsOptional()
  @IsBoolean()
  strict_resume?: boolean | null;
}
