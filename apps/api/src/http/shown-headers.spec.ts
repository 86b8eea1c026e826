import { describe, expect, it } from '@jest/globals';
import { usualHeaders } from '@longrun/graphs';
import { shownHeaders } from './shown-headers.js';

describe('the headers that are shown', () => {
  it('are x-* and the user agent, and hides keys and everything else', () => {
    const headers = {
      'user-agent': 'agent',
      'x-own': 'yes',
      'x-many': ['a', 'b'],
      'x-api-key': 'secret',
      'x-tenant-id': 'secret',
      'x-service-key': 'secret',
      authorization: 'secret',
      cookie: 'secret',
    };
    expect(shownHeaders(headers, usualHeaders)).toEqual({ 'user-agent': 'agent', 'x-own': 'yes' });
  });
});
