import { describe, expect, it } from '@jest/globals';
import {
  BEGINNING,
  idOfPlace,
  isBefore,
  idOfRunEvent,
  parsePlace,
  placeOfSeq,
  seqOfPlace,
  WHOLE_RECORD,
} from './thread-place.js';

const RUN = '019a8c0e-0000-7000-8000-000000000000';

describe('a place in a thread', () => {
  it.each([
    { order: 1, seq: 0, part: 0 },
    { order: 7, seq: 41, part: 3 },
    { order: 4_194_303, seq: 2_147_483_647, part: 0 },
  ])('is found again by its id: %j', (place) => {
    expect(parsePlace(idOfPlace(place))).toEqual(place);
    expect(parsePlace(idOfRunEvent(RUN, place))).toEqual(place);
  });

  it('is found again by its number, behind all that the record stands for', () => {
    const place = { order: 4_194_303, seq: 2_147_483_647 };
    expect(Number.isSafeInteger(seqOfPlace(place))).toBe(true);
    expect(placeOfSeq(seqOfPlace(place))).toEqual({ ...place, part: WHOLE_RECORD });
    expect(parsePlace(String(seqOfPlace({ order: 2, seq: 5 })))).toEqual({
      order: 2,
      seq: 5,
      part: WHOLE_RECORD,
    });
  });

  it('has numbers that grow along the thread', () => {
    const places = [
      { order: 1, seq: 0 },
      { order: 1, seq: 1 },
      { order: 2, seq: 0 },
      { order: 10, seq: 0 },
    ];
    const seqs = places.map(seqOfPlace);
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  it('comes before another', () => {
    const places = [
      BEGINNING,
      { order: 1, seq: -1, part: WHOLE_RECORD },
      { order: 1, seq: 9, part: 0 },
      { order: 1, seq: 9, part: 1 },
      { order: 1, seq: 9, part: WHOLE_RECORD },
      { order: 1, seq: 10, part: 0 },
      { order: 2, seq: 0, part: 0 },
    ];
    places.forEach((one, i) =>
      places.forEach((other, j) => expect([i, j, isBefore(one, other)]).toEqual([i, j, i < j])),
    );
  });

  it('is the beginning for 0, - and -1', () => {
    for (const text of ['0', '-', '-1']) expect(parsePlace(text)).toEqual(BEGINNING);
  });

  it.each(['', 'x', '1-', '-2', '1-2-3', '1.5', '99999999999999999', 'synth:1:1-2', '1-2.', ' 1-2'])(
    'is not named by %j',
    (text) => expect(parsePlace(text)).toBeNull(),
  );
});
