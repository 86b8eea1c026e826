import { describe, expect, it } from '@jest/globals';
import { storeTtlOf } from './store-ttl.js';

describe('storeTtlOf', () => {
  it('lets items live for ever, refreshes on read and sweeps every five minutes unless told otherwise', () => {
    const defaults = { defaultTtlMinutes: null, refreshOnRead: true, sweepIntervalMinutes: 5 };
    for (const config of [{}, null, { store: {} }, { store: { ttl: null } }, { store: { ttl: {} } }]) {
      expect(storeTtlOf(config)).toEqual(defaults);
    }
  });

  it('reads what langgraph.json says', () => {
    const ttl = { default_ttl: 1.5, refresh_on_read: false, sweep_interval_minutes: 60 };
    expect(storeTtlOf({ store: { ttl } })).toEqual({
      defaultTtlMinutes: 1.5,
      refreshOnRead: false,
      sweepIntervalMinutes: 60,
    });
  });

  it.each([
    [{ ttl: 5 }, /store\.ttl must be an object/],
    [{ ttl: { default_ttl: 0 } }, /store\.ttl\.default_ttl/],
    [{ ttl: { default_ttl: '5' } }, /store\.ttl\.default_ttl/],
    [{ ttl: { refresh_on_read: 'yes' } }, /store\.ttl\.refresh_on_read/],
    [{ ttl: { sweep_interval_minutes: -1 } }, /store\.ttl\.sweep_interval_minutes/],
  ])('refuses %j by name', (store, message) => {
    expect(() => storeTtlOf({ store })).toThrow(message);
  });
});
