/**
 * Looking for assistants.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Assistant } from '@longrun/contracts';
import { Prisma, PrismaClient } from '@longrun/database';
import type { AssistantCountDto, AssistantSearchDto } from './assistant-search.dto.js';
import { ASSISTANT_COLUMNS, toAssistant, type AssistantRow } from './sql/assistant-row.js';

const DEFAULT_LIMIT = 10;

@Injectable()
export class AssistantSearchService {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

  async search(dto: AssistantSearchDto): Promise<{ assistants: Assistant[]; total: number }> {
    const order = Prisma.raw(`"${dto.sort_by ?? 'created_at'}" ${dto.sort_order === 'asc' ? 'ASC' : 'DESC'}`);
    const [rows, total] = await Promise.all([
      this.prisma.$queryRaw<AssistantRow[]>(
        Prisma.sql`SELECT ${Prisma.raw(ASSISTANT_COLUMNS)} FROM assistant WHERE ${conditionOf(dto)}
          ORDER BY ${order}, assistant_id LIMIT ${dto.limit ?? DEFAULT_LIMIT} OFFSET ${dto.offset ?? 0}`,
      ),
      this.count(dto),
    ]);
    return { assistants: rows.map(toAssistant), total };
  }

  async count(dto: AssistantCountDto): Promise<number> {
    const rows = await this.prisma.$queryRaw<{ total: bigint }[]>(
      Prisma.sql`SELECT count(*) AS total FROM assistant WHERE ${conditionOf(dto)}`,
    );
    return Number(rows[0]?.total ?? 0);
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
