/**
 * The body of every request that creates a run. Each field changes what happens, or is refused by name.
 */
import {
  DURABILITIES,
  MULTITASK_STRATEGIES,
  STREAM_MODES,
  type CheckpointSelector,
  type Durability,
  type JsonObject,
  type MultitaskStrategy,
  type RunCommand,
  type RunConfig,
  type RunRetryPolicy,
  type StreamMode,
} from '@longrun/contracts';
import type { RunRequest } from '@longrun/runs';
import {
  Allow,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  Min,
} from 'class-validator';
import {
  AsList,
  IsJsonObject,
  IsNodeSelection,
  IsRetryPolicy,
  IsRunCommand,
  IsRunConfig,
  IsWebhookUrl,
  NotAvailable,
} from '../http/field-rules.js';

export class RunCreateDto implements RunRequest {
  /** Id of an assistant, or name of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id!: string;

  @Allow()
  input?: unknown;

  @IsOptional()
  @IsRunCommand()
  command?: RunCommand | null;

  @IsOptional()
  @IsRunConfig()
  config?: RunConfig | null;

  @IsOptional()
  @IsJsonObject()
  context?: JsonObject | null;

  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;

  @IsOptional()
  @AsList()
  @IsIn(STREAM_MODES, {
    each: true,
    message: `stream_mode must be one or more of ${STREAM_MODES.join(', ')}`,
  })
  stream_mode?: StreamMode[] | null;

  @IsOptional()
  @IsBoolean()
  stream_subgraphs?: boolean | null;

  @IsOptional()
  @IsBoolean()
  stream_resumable?: boolean | null;

  @IsOptional()
  @IsNodeSelection()
  interrupt_before?: '*' | string[] | null;

  @IsOptional()
  @IsNodeSelection()
  interrupt_after?: '*' | string[] | null;

  @IsOptional()
  @IsJsonObject()
  checkpoint?: CheckpointSelector | null;

  @IsOptional()
  @IsString()
  checkpoint_id?: string | null;

  @IsOptional()
  @IsIn(MULTITASK_STRATEGIES)
  multitask_strategy?: MultitaskStrategy | null;

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

  @IsOptional()
  @IsIn(DURABILITIES)
  durability?: Durability | null;

  /** Deprecated by the platform: true is `async`, false is `exit`. */
  @IsOptional()
  @IsBoolean()
  checkpoint_during?: boolean | null;

  /** Told when the run has ended. */
  @IsOptional()
  @IsWebhookUrl()
  webhook?: string | null;

  /** 0, the default, is the soonest. Not of the platform. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000)
  priority?: number | null;

  /** Not of the platform. */
  @IsOptional()
  @IsRetryPolicy()
  retry_policy?: RunRetryPolicy | null;

  @NotAvailable('feedback keys need a commercial tracing service')
  feedback_keys?: unknown;

  @NotAvailable('tracing to a commercial service is not part of this server')
  langsmith_tracer?: unknown;

  /** An answer to a question that is not waiting fails the run instead of being ignored. */
  @IsOptional()
  @IsBoolean()
  strict_resume?: boolean | null;
}
