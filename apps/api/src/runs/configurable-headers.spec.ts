import { describe, expect, it } from '@jest/globals';
import { configurableHeaders } from './configurable-headers.js';

describe('configurableHeaders', () => {
  it('shows x-* and the user agent, and hides keys and everything else', () => {
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
    expect(configurableHeaders(headers)).toEqual({ 'user-agent': 'agent', 'x-own': 'yes' });
  });
});
