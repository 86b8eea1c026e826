/**
 * Looking for assistants.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Assistant, SqlCondition } from '@longrun/contracts';
import type pg from 'pg';
import { readPage, type FoundPage, type WantedPage } from '../http/pagination.js';
import { POOL } from '../tokens.js';
import type { AssistantCountDto, AssistantSearchDto } from './assistant-search.dto.js';
import { toAssistant, type AssistantRow } from './sql/assistant-row.js';
import { countAssistants, searchAssistants } from './sql/search-assistants.sql.js';

@Injectable()
export class AssistantSearchService {
  constructor(@Inject(POOL) private readonly pool: pg.Pool) {}

  /** @param meant the assistants that the caller may know of; null for all */
  search(
    dto: AssistantSearchDto,
    meant: SqlCondition | null,
    page: WantedPage,
  ): Promise<FoundPage<Assistant>> {
    return readPage(
      page,
      (limit, offset) => this.#find(dto, meant, limit, offset),
      () => this.count(dto, meant),
    );
  }

  async count(dto: AssistantCountDto, meant: SqlCondition | null): Promise<number> {
    const values: unknown[] = [];
    const where = conditionOf(dto, meant, values);
    const { rows } = await this.pool.query<{ total: number }>(countAssistants(where), values);
    return rows[0]?.total ?? 0;
  }

  async #find(
    dto: AssistantSearchDto,
    meant: SqlCondition | null,
    limit: number,
    offset: number,
  ): Promise<Assistant[]> {
    const values: unknown[] = [limit, offset];
    const where = conditionOf(dto, meant, values);
    const order = {
      column: dto.sort_by ?? 'created_at',
      direction: dto.sort_order === 'asc' ? 'ASC' : 'DESC',
    } as const;
    const { rows } = await this.pool.query<AssistantRow>(searchAssistants(where, order), values);
    return rows.map(toAssistant);
  }
}

/** @param values of the statement, to which those of the conditions are added */
function conditionOf(dto: AssistantCountDto, meant: SqlCondition | null, values: unknown[]): string {
  const place = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ['hidden_at IS NULL'];
  if (dto.graph_id) conditions.push(`graph_id = ${place(dto.graph_id)}`);
  if (dto.name) conditions.push(`name ILIKE ${place(`%${escapeLike(dto.name)}%`)}`);
  if (dto.metadata) conditions.push(`metadata @> ${place(JSON.stringify(dto.metadata))}::jsonb`);
  if (meant) conditions.push(meant('metadata', place));
  return conditions.join(' AND ');
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
