/**
 * Routes of assistants.
 */
import { Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { Assistant } from '@longrun/contracts';
import type { FastifyReply } from 'fastify';
import { paginate, pick } from '../http/pagination.js';
import { ValidBody } from '../http/validated.js';
import { AssistantSearchDto } from './assistant-search.dto.js';
import { AssistantsService } from './assistants.service.js';

@Controller('assistants')
export class AssistantsController {
  constructor(@Inject(AssistantsService) private readonly assistants: AssistantsService) {}

  @Get(':assistant_id')
  get(@Param('assistant_id') idOrGraph: string): Promise<Assistant> {
    return this.assistants.get(idOrGraph);
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @ValidBody(AssistantSearchDto) dto: AssistantSearchDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Partial<Assistant>[]> {
    const { assistants, total } = await this.assistants.search(dto);
    paginate(reply, { total, offset: dto.offset ?? 0, count: assistants.length });
    return assistants.map((assistant) => pick(assistant, dto.select));
  }
}
