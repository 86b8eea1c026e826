/**
 * What a kit makes of its settings: defaults that follow from each other, and a sentence for everything that is wrong.
 */
import { describe, expect, it } from '@jest/globals';

import { resolveRedisSettings } from './redis-settings.js';
import type { RedisSettings } from './redis-settings.js';

function resolve(more: Partial<RedisSettings> = {}): ReturnType<typeof resolveRedisSettings> {
  return resolveRedisSettings({
    url: 'redis://h',
    connectTimeoutMs: 2_000,
    operationTimeoutMs: 2_000,
    ...more,
  });
}

describe('the settings of a kit', () => {
  it('have defaults', () => {
    expect(resolve()).toMatchObject({
      displayUrl: 'redis://h:6379',
      keyPrefix: '',
      maxConcurrentOps: 40,
      maxConnections: 50,
      clientName: 'longrun',
      writeCoalescing: true,
    });
  });

  it.each([
    [{ maxConcurrentOps: 50 }, 60],
    [{ maxConcurrentOps: 51 }, 101],
    [{ maxConcurrentOps: 100 }, 150],
    [{ maxConcurrentOps: 100, connectionOverhead: 7 }, 107],
    [{ connectionOverhead: 0 }, 40],
    [{ maxConcurrentOps: 100, maxConnections: 30 }, 30],
  ])('%j allow %i connections', (more, maxConnections) => {
    expect(resolve(more).maxConnections).toBe(maxConnections);
  });

  it.each([
    [{ url: 'nonsense' }, /Redis URL/],
    [{ connectTimeoutMs: 0 }, /connectTimeoutMs is 0; it must be a number above 0/],
    [{ operationTimeoutMs: Number.NaN }, /operationTimeoutMs is NaN/],
    [{ operationTimeoutMs: Infinity }, /operationTimeoutMs is Infinity/],
    [{ maxConcurrentOps: 1.5 }, /maxConcurrentOps is 1.5; it must be a whole number that is not below 1/],
    [{ connectionOverhead: -1 }, /connectionOverhead is -1/],
    [{ maxConnections: 2 }, /maxConnections is 2; it must be a whole number that is not below 3/],
    [{ maxConcurrentOps: 1, connectionOverhead: 1 }, /maxConnections is 2/],
    [{ clientName: 'two words' }, /clientName is "two words"; Redis allows no blanks/],
    [{ tls: {} }, /write rediss/],
    [{ url: 'redis-cluster://h', keyPrefix: '{app}:' }, /keyPrefix is \{app\}:; in a cluster/],
  ] as [Partial<RedisSettings>, RegExp][])('%j are refused with the name of the setting', (more, message) => {
    expect(() => resolve(more)).toThrow(TypeError);
    expect(() => resolve(more)).toThrow(message);
  });
});
