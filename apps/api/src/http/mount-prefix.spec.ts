import { describe, expect, it } from '@jest/globals';
import { withoutPrefix } from './mount-prefix.js';

describe('a prefix', () => {
  it.each([
    ['/api/ok', '/ok'],
    ['/api/ok?check_db=1', '/ok?check_db=1'],
    ['/api', '/'],
    ['/api?x=1', '/?x=1'],
    ['/apiary/ok', '/apiary/ok'],
    ['/ok', '/ok'],
  ])('is taken away: %s', (url, path) => {
    expect(withoutPrefix(url, '/api')).toBe(path);
    expect(withoutPrefix(url, null)).toBe(url);
  });
});
