/**
 * Headers, both ways: how many a request may have, what answers say to browsers, and who is allowed by CORS.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, startStack } from './support.js';

const ORIGIN = 'https://mine.example';

let stack: TestStack;
let url: string;
beforeAll(async () => {
  stack = await startStack({
    mode: 'single',
    env: { AUTH: 'keys', CORS_ORIGINS: ORIGIN, HEADER_LIMIT_BYTES: '4096', HEADER_LIMIT_COUNT: '30' },
  });
  url = apiUrl(stack);
}, 120_000);
afterAll(() => stack.stop());

/** What the server answers to these bytes. */
function answerTo(text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy(new Error(`No end; so far: ${answer}`)));
  });
}

describe('the headers of a request', () => {
  const head = (headers: string): string =>
    `GET /ok HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`;
  const numbered = (count: number): string =>
    Array.from({ length: count }, (_, i) => `h${i}: 1\r\n`).join('');

  it('may be as many and as large as the settings say', async () => {
    expect(await answerTo(head(numbered(28)))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await answerTo(head(`x: ${'a'.repeat(3_500)}\r\n`))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ['too many', head(numbered(29))],
    ['far too many', head(numbered(300))],
    ['too large', head(`x: ${'a'.repeat(5_000)}\r\n`)],
    ['a URL that is too large', `GET /${'a'.repeat(5_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
  ])('are refused: %s', async (_what, text) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    expect(answer).toMatch(/content-type: application\/json/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
      detail:
        'The headers are more than 4096 bytes (HEADER_LIMIT_BYTES) or 30 in number (HEADER_LIMIT_COUNT).',
      code: 'HEADERS_TOO_LARGE',
    });
  });

  it('of what is no request are answered all the same', async () => {
    expect(await answerTo('nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n.*"MALFORMED_REQUEST"\}$/s,
    );
  });
});

describe('an answer', () => {
  it.each(['/ok', '/threads/search', '/nowhere', '//', '//other.example/ok'])(
    'tells browsers to take %s for nothing but data',
    async (path) => {
      const { status, headers } = await fetch(`${url}${path}`);
      expect(status).toBe(path === '/ok' ? 200 : 401);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  it('that is the page of the API has a policy under which its styles work and no script does', async () => {
    const page = await fetch(`${url}/docs`);
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(await page.text()).not.toMatch(/<script|\son\w+=|src=/);
  });

  it('that is a file of components may be loaded by pages of other origins', async () => {
    // Without a file the headers are the same, and nothing has to be bundled.
    const { headers } = await fetch(`${url}/ui/plain/entrypoint.js`);
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });
});

describe('CORS', () => {
  const preflight = (origin: string): Promise<Response> =>
    fetch(`${url}/threads`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const allowed = ({ headers }: Response): string | null => headers.get('access-control-allow-origin');

  it('allows the origin that is listed, before a request and with it', async () => {
    expect(allowed(await preflight(ORIGIN))).toBe(ORIGIN);
    expect(allowed(await fetch(`${url}/ok`, { headers: { origin: ORIGIN } }))).toBe(ORIGIN);
    expect(allowed(await fetch(`${url}/threads/x`, { headers: { origin: ORIGIN } }))).toBe(ORIGIN);
  });

  it.each(['https://other.example', `${ORIGIN}.evil.example`, 'http://mine.example', 'null'])(
    'allows nothing to %s',
    async (origin) => {
      expect(allowed(await preflight(origin))).toBeNull();
      for (const path of ['/ok', '/threads/x']) {
        expect(allowed(await fetch(`${url}${path}`, { headers: { origin } }))).toBeNull();
      }
    },
  );
});
