import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { END_EVENT, READER_BUFFER_BYTES } from '@longrun/contracts';
import { InProcessEventBus } from '../src/run-event-log/in-process-event-bus.js';
import { RunEventReader } from '../src/run-event-log/run-event-reader.js';
import { readLog } from '../src/run-event-log/read-log.js';
import { createFixture, type Fixture } from './fixture.js';

/** Two bytes a letter. */
const EVENT_BYTES = 100_000;
const EVENTS = 30;

describe('a log of large events', () => {
  let fixture: Fixture;
  let runId: string;
  const bus = new InProcessEventBus();
  beforeAll(async () => {
    fixture = await createFixture();
    ({ runId } = await fixture.create());
    await fixture.pool.query(
      `INSERT INTO run_event (run_id, seq, event, data)
        SELECT $1::uuid, seq, 'values', '"' || repeat('ä', $3::int / 2 - 1) || '"' FROM generate_series(0, $2::int - 1) AS seq
        UNION ALL SELECT $1::uuid, $2::int, $4::text, '{}'`,
      [runId, EVENTS, EVENT_BYTES, END_EVENT],
    );
  });
  afterAll(() => fixture.close());

  it('is read in pages that a slow reader can hold', async () => {
    const { events, isFull } = await readLog(fixture.pool, bus, runId, -1);
    const bytes = events.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
    expect(bytes).toBeGreaterThanOrEqual(READER_BUFFER_BYTES);
    expect(bytes).toBeLessThan(READER_BUFFER_BYTES + EVENT_BYTES);
    expect(isFull).toBe(true);
    expect(await readLog(fixture.pool, bus, runId, EVENTS - 2)).toMatchObject({
      events: [{ seq: EVENTS - 1 }, { seq: EVENTS, event: END_EVENT }],
      isFull: false,
    });
  });

  it('is read to its end without waiting for a push', async () => {
    const source = {
      read: (id: string, cursor: number) => readLog(fixture.pool, bus, id, cursor),
      closed: () => undefined,
    };
    const reader = new RunEventReader(runId, -1, source);
    const seqs: number[] = [];
    for (let events = await reader.next(); events !== null; events = await reader.next()) {
      seqs.push(...events.map(({ seq }) => seq));
    }
    expect(seqs).toEqual(Array.from({ length: EVENTS + 1 }, (_, seq) => seq));
  });
});
