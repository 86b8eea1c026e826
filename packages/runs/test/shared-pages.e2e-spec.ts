import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { END_EVENT } from '@longrun/contracts';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { RunEventHub } from '../src/run-event-log/run-event-hub.js';
import { PAGE_EVENTS } from '../src/run-event-log/read-log.js';
import type { RunEventReader } from '../src/run-event-log/run-event-reader.js';
import { createFixture, type Fixture } from './fixture.js';

const READERS = 20;
const PAGES = 6;

async function readToEnd(reader: RunEventReader): Promise<number[]> {
  const seqs: number[] = [];
  for (let events = await reader.next(); events !== null; events = await reader.next()) {
    seqs.push(...events.map(({ seq }) => seq));
  }
  return seqs;
}

const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);

describe('the readers of one process', () => {
  let fixture: Fixture;
  let runId: string;
  const bus = new InProcessEventBus();
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => fixture.close());

  const append = async (first: number, count: number, name: string) => {
    await fixture.pool.query(
      `INSERT INTO run_event (run_id, seq, event, data)
        SELECT $1::uuid, seq, $4::text, '{}' FROM generate_series($2::int, $2::int + $3::int - 1) AS seq`,
      [runId, first, count, name],
    );
  };

  it('ask for a page once, however many of them want it', async () => {
    ({ runId } = await fixture.create());
    await append(0, PAGES * PAGE_EVENTS, 'custom');
    await append(PAGES * PAGE_EVENTS, 1, END_EVENT);
    const hub = new RunEventHub({ pool: fixture.pool, bus });
    const asked = jest.spyOn(fixture.pool, 'query');
    const readings = Array.from({ length: READERS }, () => readToEnd(hub.open(runId, -1)));
    for (const seqs of await Promise.all(readings)) expect(seqs).toEqual(upTo(PAGES * PAGE_EVENTS + 1));
    // The last one is not full: who heard of the run since it was asked for asks once more.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(PAGES + 2);
    hub.close();
  });

  it('find the pages of one that was a little faster, until the last of them is gone', async () => {
    ({ runId } = await fixture.create());
    await append(0, PAGES * PAGE_EVENTS, 'custom');
    await append(PAGES * PAGE_EVENTS, 1, END_EVENT);
    const hub = new RunEventHub({ pool: fixture.pool, bus });
    const slow = hub.open(runId, -1);
    await readToEnd(hub.open(runId, -1));
    const asked = jest.spyOn(fixture.pool, 'query');
    await readToEnd(slow);
    expect(asked.mock.calls.length).toBeLessThanOrEqual(1);
    await readToEnd(hub.open(runId, -1));
    expect(asked.mock.calls.length).toBeGreaterThan(PAGES);
    hub.close();
  });

  describe('take no page for whole that was asked for', () => {
    /** The next page is asked for, and its answer waits: resolves with what lets it go on. */
    const holdPage = (): { asked: Promise<void>; answer: () => void } => {
      const query = fixture.pool.query.bind(fixture.pool) as (...args: unknown[]) => Promise<unknown>;
      let answer: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (answer = resolve));
      const asked = new Promise<void>((resolve) => {
        const answerLater = async (...args: unknown[]): Promise<unknown> => {
          const result = await query(...args);
          resolve();
          await held;
          return result;
        };
        jest
          .spyOn(fixture.pool, 'query')
          .mockImplementationOnce((...args: unknown[]) => answerLater(...args) as never);
      });
      return { asked, answer: () => answer() };
    };
    /** A hub that asks nobody about runs of which nothing is heard: what is missed stays missed. */
    const silentHub = (): RunEventHub => {
      jest.spyOn(globalThis, 'setTimeout').mockReturnValueOnce({ unref: () => undefined } as never);
      return new RunEventHub({ pool: fixture.pool, bus, readerBufferBytes: 1 });
    };
    beforeEach(async () => {
      ({ runId } = await fixture.create());
      await append(0, 3, 'custom');
    });

    it('before they came', async () => {
      const hub = silentHub();
      const page = holdPage();
      const early = hub.open(runId, -1);
      const first = early.next();
      await page.asked;
      await append(3, 1, END_EVENT);
      const late = readToEnd(hub.open(runId, -1));
      await new Promise(setImmediate);
      page.answer();
      expect(await late).toEqual(upTo(4));
      expect((await first)?.length).toBe(3);
      hub.close();
    });

    it('before they had to forget what they had heard', async () => {
      const hub = silentHub();
      const listener = await hub.listen(runId);
      listener.skipTo(2);
      const listening = readToEnd(listener);
      const page = holdPage();
      const other = readToEnd(hub.open(runId, 2));
      await page.asked;
      await append(3, 1, END_EVENT);
      bus.publish(runId, [{ seq: 3, event: END_EVENT, data: '{}' }]);
      await new Promise(setImmediate);
      page.answer();
      expect(await Promise.all([listening, other])).toEqual([[3], [3]]);
      hub.close();
    });
  });
});
