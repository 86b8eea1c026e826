/**
 * Routes of the store: the items that graphs reach as `store`, by the same code.
 */
import { Controller, Delete, Get, HttpCode, Inject, Post, Put, Res } from '@nestjs/common';
import type { StoreItem } from '@longrun/contracts';
import type { ItemStore } from '@longrun/graphs';
import type { FastifyReply } from 'fastify';
import { ValidBody, ValidQuery } from '../http/validated.js';
import { ITEMS } from '../tokens.js';
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
  constructor(@Inject(ITEMS) private readonly items: ItemStore) {}

  @Put('items')
  @HttpCode(204)
  async put(@ValidBody(StorePutDto) dto: StorePutDto): Promise<void> {
    await this.items.put(dto.namespace ?? [], dto.key, dto.value, dto.index, { ttl: dto.ttl });
  }

  /** A missing item is `null`, not a 404. */
  @Get('items')
  async get(@ValidQuery(StoreGetQuery) query: StoreGetQuery, @Res() reply: FastifyReply): Promise<void> {
    const item = await this.items.get(query.namespace ?? [], query.key, { refreshTtl: query.refresh_ttl });
    // Nest would send an empty body for null, which clients cannot read.
    await reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(item && toWireItem(item)));
  }

  @Delete('items')
  @HttpCode(204)
  async delete(@ValidBody(StoreDeleteDto) dto: StoreDeleteDto): Promise<void> {
    await this.items.delete(dto.namespace ?? [], dto.key);
  }

  @Post('items/search')
  @HttpCode(200)
  async search(@ValidBody(StoreSearchDto) dto: StoreSearchDto): Promise<{ items: StoreItem[] }> {
    const found = await this.items.search(dto.namespace_prefix ?? [], {
      filter: dto.filter,
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
  ): Promise<{ namespaces: string[][] }> {
    const namespaces = await this.items.listNamespaces({
      prefix: dto.prefix ?? undefined,
      suffix: dto.suffix ?? undefined,
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
