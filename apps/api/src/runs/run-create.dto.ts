/**
 * The bodies of the requests that create a run. Each field changes what happens, is refused by name, or is named as ignored where it
 * means nothing.
 */
import type { CheckpointSelector, RunCommand } from '@longrun/contracts';
import type { RunRequest } from '@longrun/runs';
import { IsBoolean, IsIn, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { IsJsonObject, IsRunCommand, NotAvailable } from '../http/field-rules.js';
import { WithoutEffect } from '../http/validated.js';
import { RunPayloadDto } from './run-payload.dto.js';

/** What all of them have in common. */
export class RunCreateDto extends RunPayloadDto implements RunRequest {
  /** Id of an assistant, or name of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id!: string;

  @IsOptional()
  @IsRunCommand()
  command?: RunCommand | null;

  /** What becomes of the thread of a stateless run. `complete` and `continue` are the SDK's words for `delete` and `keep`. */
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

/** A run on a thread that has a name. It is never deleted with its run. */
@WithoutEffect('on_completion')
export class ThreadRunDto extends RunCreateDto implements RunRequest {
  @IsOptional()
  @IsJsonObject()
  checkpoint?: CheckpointSelector | null;

  @IsOptional()
  @IsString()
  checkpoint_id?: string | null;
}

const NO_CHECKPOINT =
  'a run without a thread begins on a new one, which has no checkpoints; send the run to the thread of the checkpoint';

/** A run that brings a thread of its own: always a new one, on which nothing else runs. */
@WithoutEffect('if_not_exists', 'multitask_strategy')
export class StatelessRunDto extends RunCreateDto implements RunRequest {
  @NotAvailable(NO_CHECKPOINT)
  checkpoint?: null;

  @NotAvailable(NO_CHECKPOINT)
  checkpoint_id?: null;
}
