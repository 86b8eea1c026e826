import { describe, expect, it } from '@jest/globals';
import { END_EVENT, LongrunError, type NumberedRunEvent } from '@longrun/contracts';
import { PAGE_EVENTS } from './read-log.js';
import { RunEventReader } from './run-event-reader.js';

/** A log in memory, and what a reader of it may be told. */
class Log {
  readonly events: NumberedRunEvent[] = [];
  reads = 0;

  append(count: number, name = 'custom'): NumberedRunEvent[] {
    const added = Array.from({ length: count }, () => {
      const event = { seq: this.events.length, event: name, data: '{}' };
      this.events.push(event);
      return event;
    });
    return added;
  }

  reader(cursor = -1, options: { mustRead?: boolean; bufferBytes?: number } = {}): RunEventReader {
    const source = {
      read: async (_runId: string, from: number) => {
        this.reads += 1;
        const events = this.events.filter((event) => event.seq > from).slice(0, PAGE_EVENTS);
        return { events, isFull: events.length >= PAGE_EVENTS };
      },
      closed: () => undefined,
    };
    return new RunEventReader('run', cursor, source, options);
  }
}

async function readToEnd(reader: RunEventReader): Promise<number[]> {
  const seqs: number[] = [];
  for (let events = await reader.next(); events !== null; events = await reader.next()) {
    seqs.push(...events.map((event) => event.seq));
  }
  return seqs;
}

const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);

describe('RunEventReader', () => {
  it('reads a log of several pages from its cursor to its end', async () => {
    const log = new Log();
    log.append(1_200);
    log.append(1, END_EVENT);
    expect(await readToEnd(log.reader())).toEqual(upTo(1_201));
    expect((await readToEnd(log.reader(1_198))).length).toBe(2);
  });

  it('hands out pushed events without reading the log', async () => {
    const log = new Log();
    const reader = log.reader(-1, { mustRead: false });
    const all = readToEnd(reader);
    reader.push({ kind: 'events', events: log.append(3) });
    reader.push({ kind: 'events', events: log.append(1, END_EVENT) });
    expect(await all).toEqual(upTo(4));
    expect(log.reads).toBe(0);
  });

  it('goes on behind a place that it is told, whatever it has heard until then', async () => {
    const log = new Log();
    const reader = log.reader(-1, { mustRead: false });
    const heard = log.append(3);
    reader.push({ kind: 'events', events: heard });
    reader.skipTo(1);
    const all = readToEnd(reader);
    reader.push({ kind: 'events', events: log.append(1, END_EVENT) });
    expect(await all).toEqual([2, 3]);
    expect(log.reads).toBe(0);

    const late = log.reader(-1, { mustRead: false });
    late.push({ kind: 'events', events: log.events.slice(2) });
    late.skipTo(0);
    expect(await readToEnd(late)).toEqual([1, 2, 3]);
    expect(log.reads).toBe(1);
  });

  it('drops pushes that it has and fills holes from the log', async () => {
    const log = new Log();
    const reader = log.reader(-1, { mustRead: false });
    const all = readToEnd(reader);
    const first = log.append(2);
    reader.push({ kind: 'events', events: first });
    reader.push({ kind: 'events', events: first });
    log.append(3); // lost on the way
    reader.push({ kind: 'events', events: log.append(2) });
    await new Promise(setImmediate);
    reader.push({ kind: 'events', events: log.append(1, END_EVENT) });
    expect(await all).toEqual(upTo(8));
  });

  it('reads the log when a large batch is only announced', async () => {
    const log = new Log();
    const reader = log.reader(-1, { mustRead: false });
    const all = readToEnd(reader);
    log.append(2);
    log.append(1, END_EVENT);
    reader.push({ kind: 'announce', first: 0, last: 2 });
    expect(await all).toEqual(upTo(3));
  });

  it('forgets its buffer when it is full and loses nothing by it', async () => {
    const log = new Log();
    const reader = log.reader(-1, { mustRead: false, bufferBytes: 10 });
    for (let i = 0; i < 20; i += 1) {
      reader.push({ kind: 'events', events: log.append(1) });
      expect(reader.bufferedBytes).toBeLessThanOrEqual(10);
    }
    reader.push({ kind: 'events', events: log.append(1, END_EVENT) });
    expect(await readToEnd(reader)).toEqual(upTo(21));
  });

  it('survives any mix of lost, doubled and reordered pushes', async () => {
    let state = 12345;
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    for (let round = 0; round < 200; round += 1) {
      const log = new Log();
      const reader = log.reader(-1, { mustRead: random() < 0.5, bufferBytes: 30 });
      const all = readToEnd(reader);
      const held: NumberedRunEvent[][] = [];
      for (let i = 0; i < 30; i += 1) {
        const batch = log.append(1 + Math.floor(random() * 4));
        const fate = random();
        if (fate < 0.6) reader.push({ kind: 'events', events: batch });
        if (fate >= 0.6 && fate < 0.8) held.push(batch);
        const late = held[Math.floor(random() * held.length)];
        if (late && random() < 0.3) reader.push({ kind: 'events', events: late });
        if (random() < 0.3) await new Promise(setImmediate);
      }
      log.append(1, END_EVENT);
      reader.poke();
      expect(await all).toEqual(upTo(log.events.length));
    }
  });

  it('tells when what it lacks is gone, and ends when it is closed', async () => {
    const log = new Log();
    const reader = log.reader(-1, { mustRead: false });
    const next = reader.next();
    reader.fail(new LongrunError('RUN_NOT_FOUND', 'deleted'));
    await expect(next).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    const other = log.reader(-1, { mustRead: false });
    const end = other.next();
    other.close();
    expect(await end).toBeNull();
  });

  it('holds the stream while Postgres is away', async () => {
    let away = true;
    const events = [{ seq: 0, event: END_EVENT, data: '{}' }];
    const source = {
      read: async () => {
        if (!away) return { events, isFull: false };
        away = false;
        throw new Error('connection refused');
      },
      closed: () => undefined,
    };
    expect(await readToEnd(new RunEventReader('run', -1, source))).toEqual([0]);
  });
});
