/**
 * Pages of lists, and what clients are told of them: the total, and the offset of the next page when there is one.
 *
 * Counting reads everything that matches, however little of it is shown. So a page looks for one item more than it shows, which says
 * whether there is a next one, and all are counted for those who ask: `Prefer: count=exact`.
 */
import type { FastifyReply } from 'fastify';
import type { Page } from './paged.js';

const DEFAULT_LIMIT = 10;

/** The page that a request asks for. */
export interface WantedPage {
  readonly limit: number;
  readonly offset: number;
  /** Whether the total has to be exact when there are more pages. */
  readonly countsAll: boolean;
}

export interface FoundPage<Item> {
  readonly items: Item[];
  /** How many match in all. When another page follows and they were not counted: its offset + 1, as on the platform. */
  readonly total: number;
  /** Offset of the next page, if there is one. */
  readonly next: number | null;
}

/**
 * @param fields limit (default 10) and offset (default 0)
 * @param prefer the header
 */
export function wantedPage({ limit, offset }: Page, prefer: string | undefined): WantedPage {
  return {
    limit: limit ?? DEFAULT_LIMIT,
    offset: offset ?? 0,
    countsAll: /(?:^|[,;\s])count=exact(?:$|[,;\s])/i.test(prefer ?? ''),
  };
}

/**
 * Reads a page.
 *
 * @param find at most so many items from an offset on
 * @param count all that match
 */
export async function readPage<Item>(
  { limit, offset, countsAll }: WantedPage,
  find: (limit: number, offset: number) => Promise<Item[]>,
  count: () => Promise<number>,
): Promise<FoundPage<Item>> {
  const [found, counted] = await Promise.all([find(limit + 1, offset), countsAll ? count() : null]);
  const items = found.slice(0, limit);
  const next = found.length > limit ? offset + limit : null;
  if (counted !== null) return { items, total: counted, next };
  if (next !== null) return { items, total: next + 1, next };
  // Behind the end everything has been passed over already: counting costs no more.
  const isBehindEnd = items.length === 0 && offset > 0;
  return { items, total: isBehindEnd ? await count() : offset + items.length, next };
}

/** Tells the client of a page in headers. */
export function paginate(reply: FastifyReply, { total, next }: Omit<FoundPage<unknown>, 'items'>): void {
  void reply.header('x-pagination-total', String(total));
  if (next !== null) void reply.header('x-pagination-next', String(next));
}

/** Keeps the selected fields of a resource; all without a selection. */
export function pick<T extends object>(resource: T, fields: readonly string[] | undefined): Partial<T> {
  if (!fields || fields.length === 0) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([key]) => fields.includes(key))) as Partial<T>;
}
