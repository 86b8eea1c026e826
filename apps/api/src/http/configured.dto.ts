/**
 * What assistants and runs have in common: how their graph is configured, and metadata.
 */
import type { JsonObject, RunConfig } from '@longrun/contracts';
import { IsOptional } from 'class-validator';
import { IsJsonObject, IsRunConfig } from './field-rules.js';

export class ConfiguredDto {
  @IsOptional()
  @IsRunConfig()
  config?: RunConfig | null;

  @IsOptional()
  @IsJsonObject()
  context?: JsonObject | null;

  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null;
}
