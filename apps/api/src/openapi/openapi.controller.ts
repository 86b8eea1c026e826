/**
 * The description of this API: for programs, and for people. It is made when it is first asked for.
 */
import { Controller, Get, Header, Inject, type Type } from '@nestjs/common';
import { Public } from '../auth/public.js';
import type { GraphRegistry } from '@longrun/graphs';
import { ApiConfig } from '../config/api-config.js';
import { serverVersion } from '../meta/versions.js';
import { GRAPHS, SERVED_CONTROLLERS } from '../tokens.js';
import type { OpenApiDocument } from './document.js';

/** The page needs nothing from anywhere, and runs no script. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

@Controller()
export class OpenApiController {
  #document: Promise<OpenApiDocument> | undefined;

  constructor(
    @Inject(SERVED_CONTROLLERS) private readonly controllers: readonly Type<unknown>[],
    @Inject(ApiConfig) private readonly config: ApiConfig,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
  ) {}

  @Public()
  @Get('openapi.json')
  document(): Promise<OpenApiDocument> {
    return this.#get();
  }

  @Public()
  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  async page(): Promise<string> {
    const [document, { docsPage }] = await Promise.all([this.#get(), import('./docs-page.js')]);
    return docsPage(document);
  }

  #get(): Promise<OpenApiDocument> {
    this.#document ??= import('./document.js').then(({ openApiDocument }) =>
      openApiDocument(this.controllers, {
        version: serverVersion,
        errorFormat: this.config.HTTP_ERROR_FORMAT,
        auth: this.registry.auth ? (this.registry.auth.openapi ?? {}) : undefined,
      }),
    );
    return this.#document;
  }
}
