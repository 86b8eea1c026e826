/**
 * Bodies that create and change assistants.
 */
import { applyDecorators } from '@nestjs/common';
import { IsBoolean, IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';
import { ConfiguredDto } from '../http/configured.dto.js';
import { AsBoolean, AsNumber } from '../http/field-rules.js';

/** What both bodies have in common. */
class AssistantFieldsDto extends ConfiguredDto {
  @IsOptional()
  @IsString()
  name?: string | null;

  @IsOptional()
  @IsString()
  description?: string | null;
}

export class AssistantCreateDto extends AssistantFieldsDto {
  /** Name of a graph of langgraph.json. */
  @IsString()
  @IsNotEmpty()
  graph_id!: string;

  @IsOptional()
  @IsUUID('all')
  assistant_id?: string | null;

  @IsOptional()
  @IsIn(['raise', 'do_nothing'])
  if_exists?: 'raise' | 'do_nothing' | null;
}

/** Null and absent keep what there is, except that a description of null takes it away. */
export class AssistantPatchDto extends AssistantFieldsDto {
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  graph_id?: string | null;
}

function IsVersion(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsInt(), Min(1), Max(2_147_483_647));
}

/** Clients send the version that becomes the current one in the body; the platform's document names the query. */
export class AssistantLatestDto {
  @IsVersion()
  version?: number | null;
}

export class AssistantLatestQuery {
  @AsNumber()
  @IsVersion()
  version?: number | null;
}

export class AssistantDeleteQuery {
  /** The threads whose newest run was of this assistant go too. */
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  delete_threads?: boolean;
}
