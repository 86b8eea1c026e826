/**
 * Pagination as clients read it: the total, and the offset of the next page when there is one.
 */
import type { FastifyReply } from 'fastify';

export function paginate(reply: FastifyReply, page: { total: number; offset: number; count: number }): void {
  void reply.header('x-pagination-total', String(page.total));
  const next = page.offset + page.count;
  if (page.count > 0 && next < page.total) void reply.header('x-pagination-next', String(next));
}

/** Keeps the selected fields of a resource; all without a selection. */
export function pick<T extends object>(resource: T, fields: readonly string[] | undefined): Partial<T> {
  if (!fields || fields.length === 0) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([key]) => fields.includes(key))) as Partial<T>;
}
