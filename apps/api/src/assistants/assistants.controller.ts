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
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
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
import { toAssistantId } from './system-assistant-id.js';

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
    @Access() access: RequestAccess,
    @Req() request: FastifyRequest,
  ): Promise<Assistant> {
    const proposed = dto.assistant_id?.toLowerCase();
    const id = await this.idempotency.idFor('assistant', request, { proposed });
    return this.assistants.create(dto, id, access);
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @ValidBody(AssistantSearchDto) dto: AssistantSearchDto,
    @Access() access: RequestAccess,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Partial<Assistant>[]> {
    const found = await this.finder.search(
      dto,
      await access.askToSearch('assistants:search', dto),
      wantedPage(dto, prefer),
    );
    paginate(reply, found);
    return found.items.map((assistant) => pick(assistant, dto.select ?? undefined));
  }

  @Post('count')
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  async count(
    @ValidBody(AssistantCountDto) dto: AssistantCountDto,
    @Access() access: RequestAccess,
  ): Promise<string> {
    return String(await this.finder.count(dto, await access.askToSearch('assistants:search', dto)));
  }

  @Get(':assistant_id')
  async get(@Param('assistant_id') idOrGraph: string, @Access() access: RequestAccess): Promise<Assistant> {
    await access.askForAssistant('assistants:read', idOrGraph);
    return this.assistants.get(idOrGraph);
  }

  @Patch(':assistant_id')
  async patch(
    @Param('assistant_id') idOrGraph: string,
    @ValidBody(AssistantPatchDto) dto: AssistantPatchDto,
    @Access() access: RequestAccess,
  ): Promise<Assistant> {
    const wish = { ...dto, assistant_id: toAssistantId(idOrGraph), metadata: dto.metadata ?? {} };
    await access.askForAssistant('assistants:update', idOrGraph, wish);
    return this.assistants.patch(idOrGraph, { ...dto, metadata: wish.metadata });
  }

  /** Clients want a body with their 200: the list of what was deleted. */
  @Delete(':assistant_id')
  async delete(
    @Param('assistant_id') idOrGraph: string,
    @ValidQuery(AssistantDeleteQuery) query: AssistantDeleteQuery,
    @Access() access: RequestAccess,
  ): Promise<[string]> {
    await access.askForAssistant('assistants:delete', idOrGraph);
    if (!query.delete_threads) return [await this.deletion.delete(idOrGraph, null)];
    const threads = await access.ask('threads:delete', { assistant_id: toAssistantId(idOrGraph) });
    return [await this.deletion.delete(idOrGraph, { meant: threads })];
  }

  @Post(':assistant_id/versions')
  @HttpCode(200)
  async versions(
    @Param('assistant_id') idOrGraph: string,
    @ValidBody(AssistantVersionsDto) dto: AssistantVersionsDto,
    @Access() access: RequestAccess,
  ): Promise<AssistantVersion[]> {
    await access.askForAssistant('assistants:read', idOrGraph);
    return this.assistants.versions(idOrGraph, dto);
  }

  /** The version of the body wins over that of the query. */
  @Post(':assistant_id/latest')
  @HttpCode(200)
  async setLatest(
    @Param('assistant_id') idOrGraph: string,
    @ValidBody(AssistantLatestDto) dto: AssistantLatestDto,
    @ValidQuery(AssistantLatestQuery) query: AssistantLatestQuery,
    @Access() access: RequestAccess,
  ): Promise<Assistant> {
    const version = dto.version ?? query.version;
    if (version === undefined || version === null) {
      throw new LongrunError('VALIDATION_FAILED', 'version: must be given, in the body or in the query', {
        details: { field: 'version' },
      });
    }
    const wish = { assistant_id: toAssistantId(idOrGraph), version };
    await access.askForAssistant('assistants:update', idOrGraph, wish);
    return this.assistants.setLatest(idOrGraph, version);
  }
}
