/**
 * What URLs mean, and that what is wrong with one is said without the password in it.
 */
import { describe, expect, it } from '@jest/globals';

import { displayUrl, nodeName, parseRedisUrl } from './redis-address.js';

describe('the URL of one server', () => {
  it('has a port and a database by default', () => {
    const node = { host: 'redis.local', port: 6_379 };
    expect(parseRedisUrl('redis://redis.local')).toEqual({ kind: 'single', tls: false, node, db: 0 });
    expect(parseRedisUrl('rediss://redis.local/')).toEqual({ kind: 'single', tls: true, node, db: 0 });
  });

  it('carries user, password, port and database, percent-decoded', () => {
    expect(parseRedisUrl('redis://us%40er:p%3A%2Fw@[::1]:7000/3')).toEqual({
      kind: 'single',
      tls: false,
      username: 'us@er',
      password: 'p:/w',
      node: { host: '::1', port: 7_000 },
      db: 3,
    });
    expect(parseRedisUrl('redis://:pw@h')).toMatchObject({ password: 'pw' });
    expect(parseRedisUrl('redis://:pw@h')).not.toHaveProperty('username');
    expect(parseRedisUrl('redis://user@h')).not.toHaveProperty('password');
  });
});

describe('the URL of a Unix socket', () => {
  const url = 'redis://:pw@127.0.0.1:7000/3?socket=/run/my%20redis/redis.sock';

  it('says where the server is beside what it is called', () => {
    expect(parseRedisUrl(url)).toEqual({
      kind: 'single',
      tls: false,
      password: 'pw',
      node: { host: '127.0.0.1', port: 7_000, socket: '/run/my redis/redis.sock' },
      db: 3,
    });
    expect(displayUrl(parseRedisUrl(url))).toBe(
      'redis://:***@127.0.0.1:7000/3?socket=/run/my%20redis/redis.sock',
    );
  });

  it.each([
    ['redis://h?socket=redis.sock', /absolute path/],
    ['rediss://h?socket=/redis.sock', /TLS on a Unix socket/],
    ['redis-cluster://h?socket=/redis.sock', /parameter that is not known/],
  ])('%s is refused', (wrong, message) => {
    expect(() => parseRedisUrl(wrong)).toThrow(message);
  });
});

describe('the URL of Sentinels', () => {
  it('names them, their primary, and who may ask them', () => {
    const url = 'redis-sentinel://u:p@a:26380,b/2?master=my%20main&sentinelUsername=s&sentinelPassword=t%26';
    expect(parseRedisUrl(url)).toEqual({
      kind: 'sentinel',
      tls: false,
      username: 'u',
      password: 'p',
      sentinels: [
        { host: 'a', port: 26_380 },
        { host: 'b', port: 26_379 },
      ],
      master: 'my main',
      db: 2,
      sentinelUsername: 's',
      sentinelPassword: 't&',
    });
    expect(parseRedisUrl('rediss-sentinel://a?master=m')).toMatchObject({ tls: true, db: 0 });
  });

  it('must name the primary', () => {
    expect(() => parseRedisUrl('redis-sentinel://a,b')).toThrow(/\?master=<name>/);
    expect(() => parseRedisUrl('redis-sentinel://a,b?master=')).toThrow(/\?master=<name>/);
  });
});

describe('the URL of a cluster', () => {
  it('names some of its nodes', () => {
    expect(parseRedisUrl('rediss-cluster://:p@a:7000,[fe80::1],c:7002/0')).toEqual({
      kind: 'cluster',
      tls: true,
      password: 'p',
      seeds: [
        { host: 'a', port: 7_000 },
        { host: 'fe80::1', port: 6_379 },
        { host: 'c', port: 7_002 },
      ],
    });
  });

  it('cannot have another database than 0', () => {
    expect(() => parseRedisUrl('redis-cluster://a/1')).toThrow(
      /database 1, but a Redis Cluster has database 0/,
    );
  });
});

describe('a URL that is wrong', () => {
  it.each([
    ['', /must look like redis:/],
    ['localhost:6379', /must look like/],
    ['http://secret@h', /must look like/],
    ['redis-magic://h', /must look like/],
    ['redis:///0', /number 1/],
    ['redis://:secret@', /number 1/],
    ['redis://:secret@h:0', /number 1/],
    ['redis://:secret@h:65536', /number 1/],
    ['redis://:secret@h:port', /number 1/],
    ['redis-cluster://:secret@a,,b', /number 2/],
    ['redis://:secret@a,b', /several hosts/],
    ['redis://:secret@h/one', /number of a database/],
    ['redis://:secret@h/-1', /number of a database/],
    ['redis://:secret@h?family=6', /known here: socket/],
    [
      'redis-sentinel://:secret@h?master=m&db=secret',
      /known here: master, sentinelUsername, sentinelPassword/,
    ],
    ['redis-sentinel://:secret@h?secret=m', /not known/],
    ['redis://:%secret@h', /not percent-encoded/],
    ['redis://:secret/secret@h', /percent-encode/],
    ['redis://:secret#secret@h', /must look like/],
    ['redis://:secret?secret@h', /percent-encode|not known/],
    ['redis://:secret@secret@h', /must look like|percent-encode/],
  ])('%s is refused with the remedy and without the password', (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(TypeError);
    expect(() => parseRedisUrl(url)).toThrow(message);
    expect(() => parseRedisUrl(url)).not.toThrow(/secret/);
  });
});

describe('the URL for messages', () => {
  it.each([
    ['redis://h', 'redis://h:6379'],
    ['rediss://:secret@h/4', 'rediss://:***@h:6379/4'],
    ['redis://u:secret@[::1]:1/0', 'redis://u:***@[::1]:1'],
    [
      'redis-sentinel://u:secret@a,b:1/3?master=m&sentinelPassword=secret',
      'redis-sentinel://u:***@a:26379,b:1/3?master=m',
    ],
    ['rediss-cluster://u@a,b', 'rediss-cluster://u@a:6379,b:6379'],
  ])('%s becomes %s', (url, shown) => {
    expect(displayUrl(parseRedisUrl(url))).toBe(shown);
  });

  it('names a node so that it can be told from every other', () => {
    expect(
      [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ].map(nodeName),
    ).toEqual(['a:1', '[::1]:2']);
  });
});
