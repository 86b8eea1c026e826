/**
 * Routes of assistants and their versions. `{assistant_id}` is an id or the name of a graph, whose system assistant is meant.
 */
import {
  Controller,
  Delete,
  Get,
  Header,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import { LongrunError, type Assistant, type AssistantVersion } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdempotencyService } from '../http/idempotency.service.js';
import { paginate, pick, wantedPage } from '../http/pagination.js';
import { ValidBody, ValidQuery } from '../http/validated.js';
import { AssistantDeletionService } from './assistant-deletion.service.js';
import { AssistantCountDto, AssistantSearchDto, AssistantVersionsDto } from './assistant-search.dto.js';
import { AssistantSearchService } from './assistant-search.service.js';
import {
  AssistantCreateDto,
  AssistantDeleteQuery,
  AssistantLatestDto,
  AssistantLatestQuery,
  AssistantPatchDto,
} from './assistant-write.dto.js';
import { AssistantsService } from './assistants.service.js';

@Controller('assistants')
export class AssistantsController {
  constructor(
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
    @Inject(AssistantSearchService) private readonly finder: AssistantSearchService,
    @Inject(AssistantDeletionService) private readonly deletion: AssistantDeletionService,
    @Inject(IdempotencyService) private readonly idempotency: IdempotencyService,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @ValidBody(AssistantCreateDto) dto: AssistantCreateDto,
    @Req() request: FastifyRequest,
  ): Promise<Assistant> {
    const proposed = dto.assistant_id?.toLowerCase();
    return this.assistants.create(dto, await this.idempotency.idFor('assistant', request, { proposed }));
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @ValidBody(AssistantSearchDto) dto: AssistantSearchDto,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Partial<Assistant>[]> {
    const found = await this.finder.search(dto, wantedPage(dto, prefer));
    paginate(reply, found);
    return found.items.map((assistant) => pick(assistant, dto.select ?? undefined));
  }

  @Post('count')
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  async count(@ValidBody(AssistantCountDto) dto: AssistantCountDto): Promise<string> {
    return String(await this.finder.count(dto));
  }

  @Get(':assistant_id')
  get(@Param('assistant_id') idOrGraph: string): Promise<Assistant> {
    return this.assistants.get(idOrGraph);
  }

  @Patch(':assistant_id')
  patch(
    @Param('assistant_id') idOrGraph: string,
    @ValidBody(AssistantPatchDto) dto: AssistantPatchDto,
  ): Promise<Assistant> {
    return this.assistants.patch(idOrGraph, dto);
  }

  /** Clients want a body with their 200: the list of what was deleted. */
  @Delete(':assistant_id')
  async delete(
    @Param('assistant_id') idOrGraph: string,
    @ValidQuery(AssistantDeleteQuery) query: AssistantDeleteQuery,
  ): Promise<[string]> {
    return [await this.deletion.delete(idOrGraph, query.delete_threads ?? false)];
  }

  @Post(':assistant_id/versions')
  @HttpCode(200)
  versions(
    @Param('assistant_id') idOrGraph: string,
    @ValidBody(AssistantVersionsDto) dto: AssistantVersionsDto,
  ): Promise<AssistantVersion[]> {
    return this.assistants.versions(idOrGraph, dto);
  }

  /** The version of the body wins over that of the query. */
  @Post(':assistant_id/latest')
  @HttpCode(200)
  setLatest(
    @Param('assistant_id') idOrGraph: string,
    @ValidBody(AssistantLatestDto) dto: AssistantLatestDto,
    @ValidQuery(AssistantLatestQuery) query: AssistantLatestQuery,
  ): Promise<Assistant> {
    const version = dto.version ?? query.version;
    if (version === undefined || version === null) {
      throw new LongrunError('VALIDATION_FAILED', 'version: must be given, in the body or in the query', {
        details: { field: 'version' },
      });
    }
    return this.assistants.setLatest(idOrGraph, version);
  }
}
