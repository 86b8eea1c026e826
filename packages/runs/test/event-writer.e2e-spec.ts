import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sessionSettings } from '@longrun/database';
import { waitUntil } from '@longrun/testing';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { RunEventWriter } from '../src/run-event-log/run-event-writer.js';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('RunEventWriter', () => {
  let fixture: Fixture;
  let writer: RunEventWriter;
  const bus = new InProcessEventBus();
  const worker = randomUUID();
  /** What an observer was told. */
  const told = { appended: 0, refused: 0 };

  beforeAll(async () => {
    fixture = await createFixture();
    const session = sessionSettings({ url: fixture.url, applicationName: 'writer-under-test' });
    const observer = {
      appended: (events: number) => void (told.appended += events),
      writeRefused: () => void (told.refused += 1),
    };
    writer = new RunEventWriter({ session, bus, eventLimitBytes: 10_000, observer });
  });
  afterAll(async () => {
    await writer.close();
    await fixture.close();
  });

  const claimed = async () => {
    const { runId, threadId } = await fixture.create();
    await fixture.store.claim(runId, worker, GRAPHS);
    return { runId, threadId, appender: writer.open({ runId, attempt: 1, firstSeq: 1 }) };
  };
  /** Without the event of the claim, which is number 0. */
  const logOf = async (runId: string) => (await fixture.log(runId)).filter(({ seq }) => seq > 0);
  const event = (n: number) => ({ event: 'custom', data: JSON.stringify({ n }) });

  it('writes the events of 20 runs without a gap, and pushes them only when they are committed', async () => {
    const runs = await Promise.all(Array.from({ length: 20 }, claimed));
    const early: number[] = [];
    const checks: Promise<void>[] = [];
    for (const { runId } of runs) {
      bus.subscribe(runId, (message) => {
        if (message.kind !== 'events') return;
        const last = message.events.at(-1)?.seq ?? -1;
        checks.push(
          logOf(runId).then((log) => {
            if (log.length < last) early.push(last);
          }),
        );
      });
    }
    for (let n = 0; n < 100; n += 1) for (const { appender } of runs) void appender.append(event(n));
    await Promise.all(runs.map(({ appender }) => appender.flush()));
    for (const { runId } of runs) {
      expect((await logOf(runId)).map(({ seq, data }) => [seq, JSON.parse(data).n])).toEqual(
        Array.from({ length: 100 }, (_, n) => [n + 1, n]),
      );
    }
    await Promise.all(checks);
    expect(checks.length).toBeGreaterThan(0);
    expect(early).toEqual([]);
  });

  it('refuses every event of an attempt that lost its run, and tells it', async () => {
    const { runId, appender } = await claimed();
    const before = { ...told };
    await appender.append(event(0));
    await appender.flush();
    await fixture.store.release(runId, 1);
    // Another attempt holds the run now: it is running, but not for this one.
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
    void appender.append(event(1));
    await expect(appender.flush()).rejects.toMatchObject({ code: 'RUN_FENCED' });
    expect(appender.signal.aborted).toBe(true);
    expect(() => appender.append(event(2))).toThrow();
    expect(await logOf(runId)).toHaveLength(1);
    expect(told).toEqual({ appended: before.appended + 1, refused: before.refused + 1 });
  });

  it('refuses an attempt that lost its run to another one of the same worker, in the same batch', async () => {
    const { runId, appender: late } = await claimed();
    await late.append(event(0));
    await late.flush();
    await fixture.store.release(runId, 1);
    await fixture.store.claim(runId, worker, GRAPHS);
    const current = writer.open({ runId, attempt: 2, firstSeq: 2 });
    const pushed: number[] = [];
    const { unsubscribe } = bus.subscribe(runId, (message) => {
      if (message.kind === 'events') pushed.push(...message.events.map(({ data }) => JSON.parse(data).n));
    });
    for (const n of [91, 92, 93]) void late.append(event(n));
    void current.append(event(1));
    await expect(late.flush()).rejects.toMatchObject({ code: 'RUN_FENCED' });
    await current.flush();
    unsubscribe();
    const log = await logOf(runId);
    expect(log.map(({ seq, data }) => [seq, JSON.parse(data).n])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(pushed).toEqual([1]);
  });

  it('lets a run whose row is locked wait alone', async () => {
    const locked = await claimed();
    const free = await claimed();
    const holder = await fixture.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM run WHERE run_id = $1 FOR UPDATE', [locked.runId]);
    void locked.appender.append(event(0));
    void free.appender.append(event(0));
    await free.appender.flush();
    expect(await logOf(free.runId)).toHaveLength(1);
    expect(await logOf(locked.runId)).toHaveLength(0);
    void locked.appender.append(event(1));
    await holder.query('COMMIT');
    holder.release();
    await locked.appender.flush();
    expect((await logOf(locked.runId)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('loses and doubles nothing when its session is ended again and again', async () => {
    const { runId, appender } = await claimed();
    let n = 0;
    for (let round = 0; round < 15; round += 1) {
      for (let i = 0; i < 40; i += 1) void appender.append(event(n++));
      await fixture.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'writer-under-test' AND datname = current_database()",
      );
      await new Promise(setImmediate);
    }
    await appender.flush();
    expect((await logOf(runId)).map(({ seq, data }) => [seq, JSON.parse(data).n])).toEqual(
      Array.from({ length: n }, (_, i) => [i + 1, i]),
    );
  });

  it('fails only the run whose event cannot be stored', async () => {
    const bad = await claimed();
    const good = await claimed();
    void bad.appender.append({ event: 'custom|a\u0000b', data: '{}' });
    void good.appender.append(event(0));
    await good.appender.flush();
    await waitUntil(() => bad.appender.signal.aborted, { timeoutMs: 5_000, message: 'the run failed' });
    expect(await logOf(bad.runId)).toEqual([]);
    expect(await logOf(good.runId)).toHaveLength(1);
  });

  it('refuses an event above the limit before it is part of a batch', async () => {
    const { appender } = await claimed();
    const large = { event: 'values', data: JSON.stringify('x'.repeat(20_000)) };
    expect(() => appender.append(large)).toThrow(/20002 bytes; the limit is 10000/);
  });

  it('holds a graph back that produces faster than Postgres takes', async () => {
    const { appender, runId } = await claimed();
    let waited = 0;
    for (let n = 0; n < 3_000; n += 1) {
      const room = appender.append(event(n));
      if (room) {
        waited += 1;
        await room;
      }
    }
    await appender.flush();
    expect(waited).toBeGreaterThan(0);
    expect(await logOf(runId)).toHaveLength(3_000);
  });
});
