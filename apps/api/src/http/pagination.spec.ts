import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { paginate, pick } from './pagination.js';

describe('paginate', () => {
  const app = fastify({ forceCloseConnections: true });
  let url: string;
  beforeAll(async () => {
    app.get<{ Querystring: Record<string, string> }>('/', (request, reply) => {
      const { total, offset, count } = request.query;
      paginate(reply, { total: Number(total), offset: Number(offset), count: Number(count) });
      void reply.send([]);
    });
    url = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => app.close());

  const headers = async (total: number, offset: number, count: number) => {
    const answer = await fetch(`${url}/?total=${total}&offset=${offset}&count=${count}`);
    return [answer.headers.get('x-pagination-total'), answer.headers.get('x-pagination-next')];
  };

  it('tells the total and where the next page begins', async () => {
    expect(await headers(25, 10, 10)).toEqual(['25', '20']);
  });

  it('tells of no next page when this is the last one, or an empty one', async () => {
    expect(await headers(20, 10, 10)).toEqual(['20', null]);
    expect(await headers(25, 30, 0)).toEqual(['25', null]);
    expect(await headers(25, 0, 0)).toEqual(['25', null]);
  });
});

describe('pick', () => {
  it('keeps the selected fields, or all without a selection', () => {
    const resource = { a: 1, b: 2 };
    expect(pick(resource, ['b', 'c'])).toEqual({ b: 2 });
    expect([pick(resource, undefined), pick(resource, [])]).toEqual([resource, resource]);
  });
});
