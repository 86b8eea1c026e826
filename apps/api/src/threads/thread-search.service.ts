/**
 * Finds threads. Every condition has an index, and only what is asked for is read: the values of a thread can be large.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Thread } from '@longrun/contracts';
import type pg from 'pg';
import { POOL } from '../tokens.js';
import { parseJsonPath } from './json-path.js';
import { THREAD_FIELDS, type ThreadField, type ThreadFilterDto, type ThreadSearchDto } from './thread.dto.js';

/** Column by field, where the names differ. */
const TIMES = new Set<ThreadField>(['created_at', 'updated_at', 'state_updated_at']);

export type FoundThread = Partial<Thread> & { extracted?: Record<string, unknown> };

@Injectable()
export class ThreadSearchService {
  constructor(@Inject(POOL) private readonly pool: pg.Pool) {}

  async search(dto: ThreadSearchDto): Promise<{ threads: FoundThread[]; total: number }> {
    const { where, values } = conditionOf(dto);
    const filter = values.length;
    const order = `${dto.sort_by ?? 'updated_at'} ${dto.sort_order === 'asc' ? 'ASC' : 'DESC'}`;
    const columns = (dto.select?.length ? dto.select : THREAD_FIELDS).map((field) =>
      TIMES.has(field) ? `${field}` : field === 'status' ? 'status::text' : field,
    );
    const extracted = Object.entries(dto.extract ?? {}).map(([name, text]) => {
      const path = parseJsonPath(text);
      values.push(name, path?.steps ?? []);
      return `$${values.length - 1}::text, ${path?.root ?? 'values'} #> $${values.length}::text[]`;
    });
    if (dto.extract) columns.push(`json_build_object(${extracted.join(', ')}) AS extracted`);
    values.push(dto.limit ?? 10, dto.offset ?? 0);
    const [rows, counted] = await Promise.all([
      this.pool.query<Record<string, unknown>>(
        `SELECT ${columns.join(', ')} FROM thread WHERE ${where}
         ORDER BY ${order}, thread_id LIMIT $${values.length - 1} OFFSET $${values.length}`,
        values,
      ),
      this.#count(where, values.slice(0, filter)),
    ]);
    return { threads: rows.rows.map(toFound), total: counted };
  }

  count(dto: ThreadFilterDto): Promise<number> {
    const { where, values } = conditionOf(dto);
    return this.#count(where, values);
  }

  async #count(where: string, values: readonly unknown[]): Promise<number> {
    const { rows } = await this.pool.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM thread WHERE ${where}`,
      [...values],
    );
    return rows[0]?.total ?? 0;
  }
}

function conditionOf(dto: ThreadFilterDto & { ids?: string[] | null }): { where: string; values: unknown[] } {
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
  return { where: conditions.join(' AND '), values };
}

function toFound(row: Record<string, unknown>): FoundThread {
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [field, value instanceof Date ? value.toISOString() : value]),
  );
}
