/**
 * Finds threads. Every condition and every order has an index, and only what is asked for is read: the values of a thread can be large.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { SqlCondition, Thread } from '@longrun/contracts';
import type pg from 'pg';
import { readPage, type FoundPage, type WantedPage } from '../http/pagination.js';
import { POOL } from '../tokens.js';
import { parseJsonPath } from './json-path.js';
import { countThreads, searchThreads, type ThreadCondition } from './sql/search-threads.sql.js';
import { THREAD_FIELDS, type ThreadFilterDto, type ThreadSearchDto } from './thread.dto.js';

export type FoundThread = Partial<Thread> & { extracted?: Record<string, unknown> };

@Injectable()
export class ThreadSearchService {
  constructor(@Inject(POOL) private readonly pool: pg.Pool) {}

  /** @param meant the threads that the caller may know of; null for all */
  search(
    dto: ThreadSearchDto,
    meant: SqlCondition | null,
    page: WantedPage,
  ): Promise<FoundPage<FoundThread>> {
    return readPage(
      page,
      (limit, offset) => this.#find(dto, meant, limit, offset),
      () => this.count(dto, meant),
    );
  }

  async count(dto: ThreadFilterDto, meant: SqlCondition | null): Promise<number> {
    const condition = conditionOf(dto, meant);
    const { rows } = await this.pool.query<{ total: number }>(countThreads(condition), [...condition.values]);
    return rows[0]?.total ?? 0;
  }

  async #find(
    dto: ThreadSearchDto,
    meant: SqlCondition | null,
    limit: number,
    offset: number,
  ): Promise<FoundThread[]> {
    const condition = conditionOf(dto, meant);
    const values = [...condition.values];
    const place = (value: unknown): string => `$${values.push(value)}`;
    const columns = (dto.select?.length ? dto.select : THREAD_FIELDS).map((field) =>
      field === 'status' ? 'thread.status::text' : `thread.${field}`,
    );
    if (dto.extract) {
      const parts = Object.entries(dto.extract).map(([name, text]) => {
        const path = parseJsonPath(text);
        return `${place(name)}::text, thread.${path?.root ?? 'values'} #> ${place(path?.steps ?? [])}::text[]`;
      });
      columns.push(`json_build_object(${parts.join(', ')}) AS extracted`);
    }
    const order = {
      column: dto.sort_by ?? 'updated_at',
      direction: dto.sort_order === 'asc' ? 'ASC' : 'DESC',
    } as const;
    const sql = searchThreads(columns, condition, order, place(limit), place(offset));
    const { rows } = await this.pool.query<Record<string, unknown>>(sql, values);
    return rows.map(toFound);
  }
}

function conditionOf(
  dto: ThreadFilterDto & { ids?: string[] | null },
  meant: SqlCondition | null,
): ThreadCondition {
  const conditions = ['hidden_at IS NULL'];
  const values: unknown[] = [];
  const add = (value: unknown, condition: (place: string) => string): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (dto.metadata) add(JSON.stringify(dto.metadata), (place) => `metadata @> ${place}::jsonb`);
  if (dto.values) add(JSON.stringify(dto.values), (place) => `values @> ${place}::jsonb`);
  if (dto.status) add(dto.status, (place) => `status = ${place}::thread_status`);
  if (dto.ids) add(dto.ids, (place) => `thread_id = ANY(${place}::uuid[])`);
  if (meant) conditions.push(meant('metadata', (value) => `$${values.push(value)}`));
  return { where: conditions.join(' AND '), values };
}

function toFound(row: Record<string, unknown>): FoundThread {
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [field, value instanceof Date ? value.toISOString() : value]),
  );
}
