/**
 * The kinds of failed attempts, from what Node and Redis say.
 */
import { describe, expect, it } from '@jest/globals';

import { classifyConnectFailure } from './connect-failure.js';

describe('a failed attempt to connect', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'auth'],
    ['NOAUTH Authentication required.', 'auth'],
    ['ERR max number of clients reached', 'max-clients'],
    ['h:1, which a Sentinel named as the primary, has the role slave', 'role'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'refused'],
    ['getaddrinfo ENOTFOUND redis', 'dns'],
    ['getaddrinfo EAI_AGAIN redis', 'dns'],
    ['connect EHOSTUNREACH 10.0.0.1:6379', 'unroutable'],
    ['no handshake within 2000 ms', 'timeout'],
    ["Socket timeout. Expecting data, but didn't receive any in 500ms.", 'timeout'],
    ['self-signed certificate', 'tls'],
    ['write EPROTO: wrong version number', 'tls'],
    ['read ECONNRESET', 'reset'],
    ['closed by the server', 'reset'],
    ['no Sentinel names a primary for main (h:1: connect ECONNREFUSED h:1)', 'sentinel'],
    ['something new', 'other'],
  ])('%s is %s', (reason, kind) => {
    expect(classifyConnectFailure(reason)).toBe(kind);
  });
});
