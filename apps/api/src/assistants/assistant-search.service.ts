/**
 * Looking for assistants.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Assistant } from '@longrun/contracts';
import { Prisma, PrismaClient } from '@longrun/database';
import { readPage, type FoundPage, type WantedPage } from '../http/pagination.js';
import type { AssistantCountDto, AssistantSearchDto } from './assistant-search.dto.js';
import { ASSISTANT_COLUMNS, toAssistant, type AssistantRow } from './sql/assistant-row.js';

@Injectable()
export class AssistantSearchService {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

  search(dto: AssistantSearchDto, page: WantedPage): Promise<FoundPage<Assistant>> {
    return readPage(
      page,
      (limit, offset) => this.#find(dto, limit, offset),
      () => this.count(dto),
    );
  }

  async count(dto: AssistantCountDto): Promise<number> {
    const rows = await this.prisma.$queryRaw<{ total: bigint }[]>(
      Prisma.sql`SELECT count(*) AS total FROM assistant WHERE ${conditionOf(dto)}`,
    );
    return Number(rows[0]?.total ?? 0);
  }

  // Ties go the same way as the order, so that one index serves both directions.
  async #find(dto: AssistantSearchDto, limit: number, offset: number): Promise<Assistant[]> {
    const direction = dto.sort_order === 'asc' ? 'ASC' : 'DESC';
    const order = Prisma.raw(`"${dto.sort_by ?? 'created_at'}" ${direction}, assistant_id ${direction}`);
    const rows = await this.prisma.$queryRaw<AssistantRow[]>(
      Prisma.sql`SELECT ${Prisma.raw(ASSISTANT_COLUMNS)} FROM assistant WHERE ${conditionOf(dto)}
        ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`,
    );
    return rows.map(toAssistant);
  }
}

// Containment in jsonb is beyond Prisma's filters.
function conditionOf(dto: AssistantCountDto): Prisma.Sql {
  const where = [Prisma.sql`hidden_at IS NULL`];
  if (dto.graph_id) where.push(Prisma.sql`graph_id = ${dto.graph_id}`);
  if (dto.name) where.push(Prisma.sql`name ILIKE ${`%${escapeLike(dto.name)}%`}`);
  if (dto.metadata) where.push(Prisma.sql`metadata @> ${JSON.stringify(dto.metadata)}::jsonb`);
  return Prisma.join(where, ' AND ');
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
