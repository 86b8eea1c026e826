/**
 * What starting processes do to the assistants of the graphs, on a real Postgres.
 */
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@longrun/database';
import { createRegistry } from '@longrun/graphs';
import { createTestDatabase } from '@longrun/test-stack';
import type pg from 'pg';
import { systemAssistantId } from '../src/assistants/system-assistant-id.js';
import { SystemAssistants } from '../src/assistants/system-assistants.js';
import { ApiConfig } from '../src/config/api-config.js';

describe('the assistants of the graphs', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool({ url: database.url, poolSize: 20 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  /** A process that starts with these graphs and this LANGGRAPH_CONFIG. */
  const start = (graphs: string[], defaults?: object): Promise<void> => {
    const registry = createRegistry(graphs.map((id) => ({ id, exported: {}, description: `about ${id}` })));
    const config = new ApiConfig();
    if (defaults) config.LANGGRAPH_CONFIG = JSON.stringify(defaults);
    return new SystemAssistants(pool, registry, config).register();
  };
  const assistant = async (graphId: string) => {
    const { rows } = await pool.query(
      'SELECT version, last_version, config, context, metadata, description FROM assistant WHERE assistant_id = $1',
      [systemAssistantId(graphId)],
    );
    return rows[0] as Record<string, unknown>;
  };
  const versions = async (graphId: string) => {
    const { rows } = await pool.query<{ version: number; config: object; context: object }>(
      'SELECT version, config, context FROM assistant_version WHERE assistant_id = $1 ORDER BY version',
      [systemAssistantId(graphId)],
    );
    return rows;
  };

  it('are made once, with one version, however many processes start at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => start(['a', 'b', 'c'])));
    await start(['a', 'b', 'c']);
    for (const graphId of ['a', 'b', 'c']) {
      expect(await assistant(graphId)).toEqual({
        version: 1,
        last_version: 1,
        config: {},
        context: {},
        metadata: { created_by: 'system' },
        description: `about ${graphId}`,
      });
      expect(await versions(graphId)).toEqual([{ version: 1, config: {}, context: {} }]);
    }
  });

  it('begin with what LANGGRAPH_CONFIG says', async () => {
    await start(['begun'], { begun: { configurable: { model: 'm' }, context: { user: 'u' } } });
    expect(await versions('begun')).toEqual([
      { version: 1, config: { configurable: { model: 'm' } }, context: { user: 'u' } },
    ]);
  });

  it('follow LANGGRAPH_CONFIG when it changes, as one new version, however many processes see the change', async () => {
    const changed = { a: { configurable: { model: 'big' } } };
    await Promise.all(Array.from({ length: 8 }, () => start(['a', 'b'], changed)));
    await start(['a', 'b'], changed);
    expect(await versions('a')).toEqual([
      { version: 1, config: {}, context: {} },
      { version: 2, config: { configurable: { model: 'big' } }, context: {} },
    ]);
    expect(await assistant('a')).toMatchObject({ version: 2, config: { configurable: { model: 'big' } } });
    expect(await versions('b')).toHaveLength(1);
    await start(['a', 'b']);
    expect(await versions('a')).toMatchObject([{}, {}, { version: 3, config: {} }]);
  });

  it('keep what a user has changed until LANGGRAPH_CONFIG changes', async () => {
    const first = { user: { configurable: { model: 'one' } } };
    await start(['user'], first);
    await pool.query(
      `UPDATE assistant SET config = '{"configurable": {"model": "mine"}}', version = 2, last_version = 2 WHERE assistant_id = $1`,
      [systemAssistantId('user')],
    );
    await start(['user'], first);
    expect(await assistant('user')).toMatchObject({
      config: { configurable: { model: 'mine' } },
      version: 2,
    });
    await start(['user'], { user: { configurable: { model: 'two' } } });
    expect(await assistant('user')).toMatchObject({ config: { configurable: { model: 'two' } }, version: 3 });
  });

  it('are not touched by a LANGGRAPH_CONFIG that is wrong', async () => {
    await expect(start(['c'], { d: {} })).rejects.toThrow(/not in langgraph.json: d/);
    expect(await versions('c')).toHaveLength(1);
  });
});
