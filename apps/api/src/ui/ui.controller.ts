/**
 * Routes of the components that front ends load by name: their HTML, and the files it refers to.
 */
import path from 'node:path';
import { Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import { UiBundles } from '@longrun/graphs';
import { IsNotEmpty, IsString } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssistantsService } from '../assistants/assistants.service.js';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { Public } from '../auth/public.js';
import { ValidBody } from '../http/validated.js';
import { componentHtml } from './component-html.js';

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export class UiComponentDto {
  /** Key of the object that the file of langgraph.json exports by default. */
  @IsString()
  @IsNotEmpty()
  name!: string;
}

@Controller('ui/:assistant_id')
export class UiController {
  constructor(
    @Inject(UiBundles) private readonly bundles: UiBundles,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
  ) {}

  @Post()
  @HttpCode(200)
  async component(
    @Param('assistant_id') idOrName: string,
    @ValidBody(UiComponentDto) { name }: UiComponentDto,
    @Access() access: RequestAccess,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    // A name of langgraph.json is no assistant, though it may be called as one.
    await access.askForAssistant('assistants:read', idOrName);
    const bundle = await this.#nameOf(idOrName);
    const { files, components } = await this.bundles.get(bundle);
    if (components !== null && !components.includes(name)) {
      throw new LongrunError(
        'UI_NOT_FOUND',
        `name: The components of "${bundle}" have none called "${name}" (they have: ${components.join(', ') || 'none'}).`,
        { details: { field: 'name' } },
      );
    }
    void reply.header('content-type', 'text/html; charset=utf-8');
    return componentHtml({ bundle, component: name, files: files.keys(), host: request.headers.host ?? '' });
  }

  @Public()
  @Get(':file')
  @Header('cache-control', 'no-cache')
  async file(
    @Param('assistant_id') bundle: string,
    @Param('file') file: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const content = (await this.bundles.get(bundle)).files.get(file);
    if (content === undefined) {
      throw new LongrunError('UI_NOT_FOUND', `The components of "${bundle}" have no file "${file}".`);
    }
    void reply.header('content-type', CONTENT_TYPES[path.extname(file)] ?? 'text/plain; charset=utf-8');
    return content;
  }

  /** Names of langgraph.json are taken as they are; anything else is an assistant, whose graph gives the name. */
  async #nameOf(idOrName: string): Promise<string> {
    return this.bundles.has(idOrName) ? idOrName : (await this.assistants.get(idOrName)).graph_id;
  }
}
