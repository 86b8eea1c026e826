import { describe, expect, it } from '@jest/globals';
import type { ProtocolAddress } from '@longrun/contracts';
import { isWanted, parseSubscription } from './event-filter.js';
import { BEGINNING, seqOfPlace, WHOLE_RECORD } from './thread-place.js';

const wants = (body: object, method: string, namespace: string[] = []): boolean =>
  isWanted(parseSubscription(body).filter, { method, namespace } as ProtocolAddress);

describe('a subscription', () => {
  it('wants the events of its channels: named custom events as custom or by their name, questions as input', () => {
    expect(wants({ channels: ['values'] }, 'values')).toBe(true);
    expect(wants({ channels: ['values'] }, 'updates')).toBe(false);
    expect(wants({ channels: ['custom'] }, 'custom:a')).toBe(true);
    expect(wants({ channels: ['custom:a'] }, 'custom:a')).toBe(true);
    expect(wants({ channels: ['custom:a'] }, 'custom:b')).toBe(false);
    expect(wants({ channels: ['custom:a'] }, 'custom')).toBe(false);
    expect(wants({ channels: ['input'] }, 'input.requested')).toBe(true);
    expect(wants({ channels: ['input'] }, 'input.answered')).toBe(true);
  });

  it('wants what is below its namespaces, whatever the tasks of a node are called', () => {
    const below = { channels: ['values'], namespaces: [['sub']] };
    expect(wants(below, 'values', ['sub:1'])).toBe(true);
    expect(wants(below, 'values', ['sub:1', 'deep:2'])).toBe(true);
    expect(wants(below, 'values', ['other:1'])).toBe(false);
    expect(wants(below, 'values')).toBe(false);
    expect(wants({ ...below, namespaces: [['sub:1']] }, 'values', ['sub:2'])).toBe(false);
    expect(wants({ ...below, namespaces: [['sub:1'], []] }, 'values', ['sub:2'])).toBe(true);
    expect(wants({ ...below, namespaces: [] }, 'values', ['any:1'])).toBe(true);
  });

  it('wants no more than its depth below them', () => {
    const shallow = { channels: ['values'], namespaces: [['sub']], depth: 1 };
    expect(wants(shallow, 'values', ['sub:1', 'deep:2'])).toBe(true);
    expect(wants(shallow, 'values', ['sub:1', 'deep:2', 'deeper:3'])).toBe(false);
    expect(wants({ channels: ['values'], depth: 0 }, 'values')).toBe(true);
    expect(wants({ channels: ['values'], depth: 0 }, 'values', ['sub:1'])).toBe(false);
  });

  it('goes on behind a number or an id; the header counts for more than the body', () => {
    const channels = ['values'];
    expect(parseSubscription({ channels }).from).toBeNull();
    expect(parseSubscription({ channels, since: 0 }).from).toEqual(BEGINNING);
    const seq = seqOfPlace({ order: 3, seq: 9 });
    expect(parseSubscription({ channels, since: seq }).from).toEqual({
      order: 3,
      seq: 9,
      part: WHOLE_RECORD,
    });
    expect(parseSubscription({ channels, since: '3-9.1' }).from).toEqual({ order: 3, seq: 9, part: 1 });
    expect(parseSubscription({ channels, since_event_id: '3-9' }).from).toEqual({
      order: 3,
      seq: 9,
      part: 0,
    });
    expect(parseSubscription({ channels, since: seq }, '4-0').from).toEqual({ order: 4, seq: 0, part: 0 });
    expect(parseSubscription({ channels, since: seq }, '').from).toMatchObject({ order: 3 });
  });

  it.each([
    [null, /object/],
    [[], /object/],
    [{}, /channels: must be/],
    [{ channels: [] }, /channels: must be/],
    [{ channels: 'values' }, /channels: must be/],
    [{ channels: ['values', 'nonsense'] }, /no channel "nonsense"/],
    [{ channels: ['custom:'] }, /no channel "custom:"/],
    [{ channels: [1] }, /no channel 1/],
    [{ channels: ['values'], namespaces: 'a' }, /namespaces:/],
    [{ channels: ['values'], namespaces: ['a'] }, /namespaces:/],
    [{ channels: ['values'], namespaces: [[1]] }, /namespaces:/],
    [{ channels: ['values'], depth: -1 }, /depth:/],
    [{ channels: ['values'], depth: 1.5 }, /depth:/],
    [{ channels: ['values'], since: -5 }, /since:/],
    [{ channels: ['values'], since: true }, /since:/],
    [{ channels: ['values'], since_event_id: 'x' }, /since_event_id:/],
    [{ channels: ['values'], extra: 1 }, /unknown fields: extra/],
  ])('%j is refused by name', (body, message) => {
    expect(() => parseSubscription(body)).toThrow(message);
  });

  it('is refused after a Last-Event-ID that is none', () => {
    expect(() => parseSubscription({ channels: ['values'] }, 'x')).toThrow(/^Last-Event-ID: /);
  });
});
