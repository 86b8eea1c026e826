/**
 * Routes of the store: the items that graphs reach as `store`, by the same code.
 */
import { Controller, Delete, Get, HttpCode, Inject, Post, Put, Res } from '@nestjs/common';
import type { StoreItem } from '@longrun/contracts';
import type { ItemStore } from '@longrun/graphs';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { ValidBody, ValidQuery } from '../http/validated.js';
import { ITEMS } from '../tokens.js';
import { StoreAccess } from './store-access.js';
import {
  StoreDeleteDto,
  StoreGetQuery,
  StoreNamespacesDto,
  StorePutDto,
  StoreSearchDto,
} from './store.dto.js';

type FoundItem = Awaited<ReturnType<ItemStore['search']>>[number];

@Controller('store')
export class StoreController {
  readonly #access: StoreAccess;

  constructor(@Inject(ITEMS) private readonly items: ItemStore) {
    this.#access = new StoreAccess(items);
  }

  @Put('items')
  @HttpCode(204)
  async put(@ValidBody(StorePutDto) dto: StorePutDto, @Access() access: RequestAccess): Promise<void> {
    const { namespace, key, value } = await this.#access.toPut(access, dto);
    await this.items.put(namespace, key, value, dto.index, { ttl: dto.ttl });
  }

  /** A missing item is `null`, not a 404. */
  @Get('items')
  async get(
    @ValidQuery(StoreGetQuery) query: StoreGetQuery,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { namespace, key, meant } = await this.#access.toGet(access, query);
    const item = await this.items.get(namespace, key, { refreshTtl: query.refresh_ttl, meant });
    // Nest would send an empty body for null, which clients cannot read.
    await reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(item && toWireItem(item)));
  }

  @Delete('items')
  @HttpCode(204)
  async delete(
    @ValidBody(StoreDeleteDto) dto: StoreDeleteDto,
    @Access() access: RequestAccess,
  ): Promise<void> {
    const { namespace, key, isOwn } = await this.#access.toDelete(access, dto);
    if (isOwn) await this.items.delete(namespace, key);
  }

  @Post('items/search')
  @HttpCode(200)
  async search(
    @ValidBody(StoreSearchDto) dto: StoreSearchDto,
    @Access() access: RequestAccess,
  ): Promise<{ items: StoreItem[] }> {
    const { namespace, filter, meant } = await this.#access.toSearch(access, dto);
    const found = await this.items.search(namespace, {
      meant,
      filter,
      limit: dto.limit ?? undefined,
      offset: dto.offset ?? undefined,
      query: dto.query,
      refreshTtl: dto.refresh_ttl,
    });
    return { items: found.map(toWireItem) };
  }

  @Post('namespaces')
  @HttpCode(200)
  async namespaces(
    @ValidBody(StoreNamespacesDto) dto: StoreNamespacesDto,
    @Access() access: RequestAccess,
  ): Promise<{ namespaces: string[][] }> {
    const { prefix, suffix, meant } = await this.#access.toList(access, dto);
    const namespaces = await this.items.listNamespaces({
      prefix,
      suffix,
      meant,
      maxDepth: dto.max_depth ?? undefined,
      limit: dto.limit ?? undefined,
      offset: dto.offset ?? undefined,
    });
    return { namespaces };
  }
}

function toWireItem(item: FoundItem): StoreItem {
  return {
    namespace: item.namespace,
    key: item.key,
    value: item.value,
    created_at: item.createdAt.toISOString(),
    updated_at: item.updatedAt.toISOString(),
    ...(item.score === undefined ? {} : { score: item.score }),
  };
}
