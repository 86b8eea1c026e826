import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { paginate, pick, readPage, wantedPage } from './pagination.js';

describe('wantedPage', () => {
  it('has ten items from the start unless the request says otherwise', () => {
    expect(wantedPage({}, undefined)).toEqual({ limit: 10, offset: 0, countsAll: false });
    expect(wantedPage({ limit: null, offset: null }, 'return=minimal')).toMatchObject({
      limit: 10,
      offset: 0,
    });
    expect(wantedPage({ limit: 3, offset: 6 }, undefined)).toMatchObject({ limit: 3, offset: 6 });
  });

  it('counts all for those who prefer it, beside other preferences too', () => {
    const counts = (prefer: string) => wantedPage({}, prefer).countsAll;
    expect(['count=exact', 'return=minimal, Count=exact', 'count=exact; wait=1'].map(counts)).toEqual(
      Array(3).fill(true),
    );
    expect(['count=exactly', 'discount=exact', 'count'].map(counts)).toEqual(Array(3).fill(false));
  });
});

describe('readPage', () => {
  /** Pages of 25 numbers; says also how often they were counted. */
  const read = async (limit: number, offset: number, countsAll = false) => {
    const all = Array.from({ length: 25 }, (_, i) => i);
    let counted = 0;
    const { items, total, next } = await readPage(
      { limit, offset, countsAll },
      (most, from) => Promise.resolve(all.slice(from, from + most)),
      () => Promise.resolve((counted += 1) && all.length),
    );
    return { first: items[0], count: items.length, total, next, counted };
  };

  it('knows that another page follows, without counting', async () => {
    expect(await read(10, 10)).toEqual({ first: 10, count: 10, total: 21, next: 20, counted: 0 });
    expect(await read(24, 0)).toEqual({ first: 0, count: 24, total: 25, next: 24, counted: 0 });
  });

  it('knows the total where the list ends', async () => {
    expect(await read(10, 20)).toEqual({ first: 20, count: 5, total: 25, next: null, counted: 0 });
    expect(await read(5, 20)).toEqual({ first: 20, count: 5, total: 25, next: null, counted: 0 });
    expect(await read(25, 0)).toEqual({ first: 0, count: 25, total: 25, next: null, counted: 0 });
  });

  it('counts when that is asked for, and behind the end of the list', async () => {
    expect(await read(10, 10, true)).toEqual({ first: 10, count: 10, total: 25, next: 20, counted: 1 });
    expect(await read(10, 30)).toMatchObject({ count: 0, total: 25, next: null, counted: 1 });
  });
});

describe('paginate', () => {
  const app = fastify({ forceCloseConnections: true });
  let url: string;
  beforeAll(async () => {
    app.get<{ Querystring: { total: string; next?: string } }>('/', (request, reply) => {
      const { total, next } = request.query;
      paginate(reply, { total: Number(total), next: next === undefined ? null : Number(next) });
      void reply.send([]);
    });
    url = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => app.close());

  it('tells the total, and where the next page begins if there is one', async () => {
    const headers = async (query: string) => {
      const answer = await fetch(`${url}/?${query}`);
      return [answer.headers.get('x-pagination-total'), answer.headers.get('x-pagination-next')];
    };
    expect(await headers('total=25&next=20')).toEqual(['25', '20']);
    expect(await headers('total=20')).toEqual(['20', null]);
  });
});

describe('pick', () => {
  it('keeps the selected fields, or all without a selection', () => {
    const resource = { a: 1, b: 2 };
    expect(pick(resource, ['b', 'c'])).toEqual({ b: 2 });
    expect([pick(resource, undefined), pick(resource, [])]).toEqual([resource, resource]);
  });
});
