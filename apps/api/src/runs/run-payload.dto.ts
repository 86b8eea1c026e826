/**
 * What a run can be asked to do, at once or at every tick of a cron. Each field changes what happens.
 */
import {
  DURABILITIES,
  MULTITASK_STRATEGIES,
  STREAM_MODES,
  type Durability,
  type MultitaskStrategy,
  type RunRetryPolicy,
  type StreamMode,
} from '@longrun/contracts';
import type { RunRequest } from '@longrun/runs';
import { Allow, IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { ConfiguredDto } from '../http/configured.dto.js';
import { AsList, IsNodeSelection, IsRetryPolicy, IsWebhookUrl } from '../http/field-rules.js';

export class RunPayloadDto extends ConfiguredDto implements RunRequest {
  @Allow()
  input?: unknown;

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
  @IsIn(MULTITASK_STRATEGIES)
  multitask_strategy?: MultitaskStrategy | null;

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
}
