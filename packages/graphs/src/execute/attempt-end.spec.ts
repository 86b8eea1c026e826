import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Annotation, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';
import { LongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { createDatabase, drain, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';
import type { HoldingFence } from '../checkpoint/fenced-transaction.js';
import { openStore } from '../store/fenced-store.js';
import { executeAttempt } from './execute-attempt.js';

const State = Annotation.Root({ value: Annotation<string> });

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

function threadOf(...nodes: ((state: unknown, config: LangGraphRunnableConfig) => unknown)[]): TestThread {
  const graph = new StateGraph(State) as unknown as {
    addNode(name: string, node: unknown): void;
    addEdge(from: string, to: string): void;
    compile(): unknown;
  };
  nodes.forEach((node, index) => {
    graph.addNode(`n${index}`, node);
    graph.addEdge(index === 0 ? '__start__' : `n${index - 1}`, `n${index}`);
  });
  return new TestThread(database.pool, registryOf({ graph: graph.compile() }), 'graph');
}

const input = { input: { value: 'in' } };

describe('the end of an attempt', () => {
  it('comes at once when the signal aborts, though the graph ignores it', async () => {
    const entered = new EventTarget();
    const thread = threadOf(() => {
      entered.dispatchEvent(new Event('entered'));
      return new Promise(() => undefined);
    });
    const controller = new AbortController();
    const isEntered = once(entered, 'entered');
    const run = await thread.run(input);
    const attempt = drain(executeAttempt(run.input({ signal: controller.signal })));
    await isEntered;
    const reason = new Error('cancelled by its user');
    controller.abort(reason);
    await expect(attempt).rejects.toBe(reason);
  });

  it('reaches the signal of the graph', async () => {
    const entered = new EventTarget();
    let seen: unknown;
    const thread = threadOf(async (_state, config) => {
      const { signal } = config;
      const aborted = once(signal as AbortSignal, 'abort');
      entered.dispatchEvent(new Event('entered'));
      await aborted;
      seen = signal?.reason;
      entered.dispatchEvent(new Event('aborted'));
    });
    const controller = new AbortController();
    const [isEntered, isAborted] = [once(entered, 'entered'), once(entered, 'aborted')];
    const attempt = drain(executeAttempt((await thread.run(input)).input({ signal: controller.signal })));
    await isEntered;
    controller.abort(new Error('cancelled'));
    await expect(attempt).rejects.toThrow('cancelled');
    await isAborted;
    expect(seen).toMatchObject({ message: 'cancelled' });
  });

  it('comes before anything is executed when the signal has aborted already', async () => {
    let executed = false;
    const thread = threadOf(() => {
      executed = true;
      return {};
    });
    const run = await thread.run(input);
    await expect(run.attempt({ signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late');
    expect(executed).toBe(false);
  });

  it('comes as RUN_FENCED when a write is refused, while a node never returns', async () => {
    const thread = threadOf(() => new Promise(() => undefined));
    const run = await thread.run(input);
    expect(await run.killedAfter(0)).toBe(true);
  });

  it('comes as RUN_FENCED when the graph swallows the refusal of a store item', async () => {
    let taken = false;
    const thread = threadOf(async (_state, { store }) => {
      taken = true;
      await store?.put(['a'], 'late', { value: 1 }).catch(() => undefined);
      return new Promise(() => undefined);
    });
    const fence = async (): Promise<void> => {
      if (taken) throw new LongrunError('RUN_FENCED', 'taken away');
    };
    await expect((await thread.run(input)).attempt({ fence })).rejects.toMatchObject({ code: 'RUN_FENCED' });
    const { rowCount } = await database.pool.query(`SELECT 1 FROM langgraph.store WHERE key = 'late'`);
    expect(rowCount).toBe(0);
  });

  it('leaves nothing written after the fence fell', async () => {
    const thread = threadOf(
      () => ({ value: 'a' }),
      () => ({ value: 'b' }),
    );
    const run = await thread.run(input);
    expect(await run.killedAfter(0)).toBe(true);
    for (const table of ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']) {
      const { rowCount } = await database.pool.query(`SELECT 1 FROM langgraph.${table} WHERE run_id = $1`, [
        run.runId,
      ]);
      expect(rowCount).toBe(0);
    }
  });

  it.each([
    ['refused', 0],
    ['let through', 1],
  ])('leaves its writes %s by a fence that goes out together with them', async (what, allowed) => {
    const thread = threadOf(async (_state, { store }) => {
      await store?.put(['a'], 'together', { value: 1 });
      return { value: 'a' };
    });
    const run = await thread.run(input);
    const fence: HoldingFence = {
      text: 'SELECT 1 WHERE $1::uuid IS NOT NULL AND $2::int = 1',
      values: [run.runId, allowed],
      refusal: () => new LongrunError('RUN_FENCED', 'taken away'),
    };
    const attempt = run.attempt({ fence });
    if (what === 'refused') await expect(attempt).rejects.toMatchObject({ code: 'RUN_FENCED' });
    else expect((await attempt).outcome).toMatchObject({ status: 'success' });
    for (const table of ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']) {
      const sql = `SELECT 1 FROM langgraph.${table} WHERE run_id = $1`;
      const { rowCount } = await database.pool.query(sql, [run.runId]);
      expect((rowCount ?? 0) > 0).toBe(what === 'let through');
    }
    const { rowCount } = await database.pool.query(`SELECT 1 FROM langgraph.store WHERE key = 'together'`);
    expect(rowCount).toBe(allowed);
  });

  it('is an error of the run when its state cannot be stored', async () => {
    const thread = threadOf(() => ({ value: 1n }));
    const { outcome, events } = await thread.complete(input);
    expect(outcome.status).toBe('error');
    expect(events.at(-1)?.event).toBe('error');
    expect(outcome.error?.message).toMatch(/BigInt/);
  });
});

/** The pool, with `query` of its clients replaced. */
function poolWith(
  query: (client: pg.PoolClient, text: string, values?: unknown[]) => Promise<unknown>,
): pg.Pool {
  const connect = async (): Promise<pg.PoolClient> => {
    const client = await database.pool.connect();
    return new Proxy(client, {
      get(target, key) {
        if (key === 'query') return (text: string, values?: unknown[]) => query(target, text, values);
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  return { connect, query: database.pool.query.bind(database.pool) } as unknown as pg.Pool;
}

describe('a Postgres that fails in the middle', () => {
  it('is waited for: a terminated connection costs the run nothing', async () => {
    const thread = threadOf(
      () => ({ value: 'a' }),
      async (_state, { store }) => {
        await store?.put(['a'], 'key', { value: 1 });
        return { value: 'b' };
      },
    );
    let terminated = 0;
    const fence = async (client: pg.PoolClient): Promise<void> => {
      if (terminated >= 4) return;
      terminated += 1;
      await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    };
    const { outcome } = await (await thread.run(input)).attempt({ fence });
    expect(outcome).toMatchObject({ status: 'success', thread: { values: { value: 'b' } } });
    expect(terminated).toBe(4);
  });

  it('may lose the answer to any COMMIT: repeating the transaction changes nothing', async () => {
    const thread = threadOf(
      () => ({ value: 'a' }),
      () => ({ value: 'b' }),
    );
    let lost = 0;
    const pool = poolWith(async (client, text, values) => {
      const result = await client.query(text, values);
      if (text === 'COMMIT' && lost++ % 2 === 0)
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      return result;
    });
    const run = await thread.run({ ...input, durability: 'sync' });
    const { outcome } = await run.attempt({ pool });
    expect(outcome).toMatchObject({ status: 'success', thread: { values: { value: 'b' } } });
    expect(lost).toBeGreaterThan(2);
    const { rows } = await database.pool.query(
      `SELECT metadata ->> 'step' AS step FROM langgraph.checkpoints WHERE thread_id = $1 ORDER BY commit_seq`,
      [thread.threadId],
    );
    expect(rows.map((row: { step: string }) => row.step)).toEqual(['-1', '0', '1', '2']);
  });

  it('is not waited for longer than the signal allows', async () => {
    const thread = threadOf(() => ({ value: 'a' }));
    const controller = new AbortController();
    const fence = async (): Promise<void> => {
      controller.abort(new Error('given up'));
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    const run = await thread.run(input);
    await expect(run.attempt({ fence, signal: controller.signal })).rejects.toThrow('given up');
  });

  it('holds no write back but the ones that wait for the liveness of the worker', async () => {
    const thread = threadOf(() => ({ value: 'a' }));
    const order: string[] = [];
    const { outcome } = await (
      await thread.run(input)
    ).attempt({
      beforeWrite: async () => void order.push('asked'),
      fence: async () => void order.push('written'),
      onProgress: () => void order.push('progress'),
    });
    expect(outcome.status).toBe('success');
    expect(order[0]).toBe('asked');
    const writes = order.filter((entry) => entry !== 'progress');
    expect(writes).toEqual(writes.map((_entry, index) => (index % 2 === 0 ? 'asked' : 'written')));
    expect(order.filter((entry) => entry === 'progress')).toHaveLength(1);
  });
});

describe('the graph of an attempt', () => {
  it('is shared between attempts that run at once, and keeps none of their savers', async () => {
    const thread = threadOf(async () => ({ value: 'a' }));
    const graph = await thread.registry.resolve('graph', {});
    const threads = Array.from({ length: 8 }, () => new TestThread(database.pool, thread.registry, 'graph'));
    const results = await Promise.all(
      threads.map((one, index) => one.complete({ input: { value: String(index) } })),
    );
    expect(results.every(({ outcome }) => outcome.status === 'success')).toBe(true);
    const { rows } = await database.pool.query(
      `SELECT count(DISTINCT run_id)::int AS runs FROM langgraph.checkpoints WHERE thread_id = ANY($1) GROUP BY thread_id`,
      [threads.map((one) => one.threadId)],
    );
    expect(rows).toEqual(Array.from({ length: 8 }, () => ({ runs: 1 })));
    expect(graph.checkpointer).toBeUndefined();
    expect(graph.store).toBeUndefined();
  });

  it('sees its run in the configurable, and keys of LangGraph are not taken from the client', async () => {
    let seen: Record<string, unknown> = {};
    const thread = threadOf((_state, config) => {
      seen = { ...config.configurable, metadata: config.metadata };
      return {};
    });
    const run = await thread.run({
      ...input,
      config: {
        configurable: { name: 'n', __pregel_resuming: true, thread_id: 'other' },
        metadata: { a: 1 },
      },
    });
    await run.attempt({ metadata: { b: 2 } });
    expect(seen).toMatchObject({
      name: 'n',
      run_id: run.runId,
      thread_id: thread.threadId,
      graph_id: 'graph',
      assistant_id: 'assistant',
      run_attempt: 1,
      metadata: { a: 1, b: 2, run_attempt: 1 },
    });
  });

  it('is made once per attempt by its factory, with the configurable of the run', async () => {
    const compiled = await threadOf(() => ({ value: 'a' })).registry.resolve('graph', {});
    const made: unknown[] = [];
    const registry = registryOf({ graph: (config: unknown) => (made.push(config), compiled) });
    const run = await new TestThread(database.pool, registry, 'graph').run(input);
    await run.attempt();
    expect(made).toEqual([{ configurable: expect.objectContaining({ run_id: run.runId, run_attempt: 1 }) }]);
  });

  it('is given the context, tags and limits of its run', async () => {
    let seen: Record<string, unknown> = {};
    const thread = threadOf((_state, config) => {
      seen = { context: config.context, tags: config.tags, recursionLimit: config.recursionLimit };
      return {};
    });
    await thread.complete({ ...input, context: { user: 'u' }, config: { tags: ['t'], recursion_limit: 7 } });
    expect(seen).toMatchObject({
      context: { user: 'u' },
      tags: expect.arrayContaining(['t']),
      recursionLimit: 7,
    });
    const { outcome } = await threadOf(
      () => ({}),
      () => ({}),
    ).complete({ ...input, config: { recursion_limit: 1 } });
    expect(outcome).toMatchObject({ status: 'error', error: { error: 'GraphRecursionError' } });
  });

  it('has a store that its runs and clients share', async () => {
    const namespace = ['store', 'of', 'tests'];
    const thread = threadOf(async (_state, { store }) => {
      await store?.put(namespace, 'kept', { word: 'lighthouse' });
      await store?.put(namespace, 'gone', { word: 'mist' });
      await store?.delete(namespace, 'gone');
      const found = await store?.search(['store'], { filter: { word: 'lighthouse' } });
      return { value: String(found?.map((item) => item.key)) };
    });
    const { outcome } = await thread.complete(input);
    expect(outcome.thread.values).toEqual({ value: 'kept' });
    const item = await openStore(database.pool).get(namespace, 'kept');
    expect(item).toMatchObject({ namespace, key: 'kept', value: { word: 'lighthouse' } });
  });

  it('ends its run as an error when it cannot be made', async () => {
    const registry = registryOf({ graph: () => Promise.reject(new Error('no key')) });
    const { outcome } = await new TestThread(database.pool, registry, 'graph').complete(input);
    expect(outcome).toMatchObject({ status: 'error', thread: { status: 'error', values: undefined } });
    expect(outcome.cause).toBeInstanceOf(LongrunError);
  });
});
