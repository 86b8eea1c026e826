import { describe, expect, it } from '@jest/globals';
import {
  addressOfProtocolRecord,
  channelOfMethod,
  isProtocolRecord,
  protocolRecordName,
} from './protocol-records.js';

describe('the name of a record of protocol v2', () => {
  it('tells method and namespace', () => {
    const address = { method: 'values', namespace: ['sub:1', 'deep:2'] } as const;
    expect(protocolRecordName(address)).toBe('v2:values|sub:1|deep:2');
    expect(addressOfProtocolRecord('v2:values|sub:1|deep:2')).toEqual(address);
    expect(addressOfProtocolRecord('v2:values')).toEqual({ method: 'values', namespace: [] });
  });

  it.each(['a', 'a b', 'a|b', '100%', 'a\r\nb', '\0', 'é', '😀', '\ud800', '%007c'])(
    'holds the name %j of a custom event without taking it for something else',
    (name) => {
      const written = protocolRecordName({ method: `custom:${name}`, namespace: ['n:1'] });
      expect(addressOfProtocolRecord(written)).toEqual({ method: `custom:${name}`, namespace: ['n:1'] });
      expect(written).not.toMatch(/[\0\r\n\ud800-\udfff]/);
    },
  );

  it('is of a channel', () => {
    expect(channelOfMethod('input.requested')).toBe('input');
    expect(channelOfMethod('input.answered')).toBe('input');
    expect(channelOfMethod('values')).toBe('values');
    expect(channelOfMethod('custom:a')).toBe('custom:a');
  });

  it('is no stream mode', () => {
    expect(isProtocolRecord('v2:values')).toBe(true);
    expect(['values', 'metadata', 'error', 'end', 'values|v2:x'].some(isProtocolRecord)).toBe(false);
  });
});
