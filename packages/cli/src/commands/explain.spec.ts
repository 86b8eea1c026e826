/**
 * `longrun explain`: what it asks, what it prints, and how wrong calls end.
 */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { writeStack } from '../start/stack.js';
import { explainCommand } from './explain.js';
import { UsageError } from './usage-error.js';

const ANSWER = {
  run_id: 'r1',
  thread_id: 't1',
  status: 'error',
  attempt: 2,
  crashes: 1,
  retries: 0,
  error: { error: 'TypeError', message: 'the tool broke' },
  now: 'It ended as error.',
  timeline: [
    { at: '2026-01-01T00:00:00.000Z', what: 'create', strategy: 'enqueue', order: 1 },
    { at: '2026-01-01T00:00:02.500Z', what: 'rescue', attempt: 1, cause: null },
  ],
  events: { count: 7, pruned: false },
  webhooks: [{ url: 'http://hook', status: 'pending', attempts: 2, last_status: 500, last_error: null }],
};

describe('longrun explain', () => {
  let url = '';
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/runs/r1/explain' ? 200 : 404;
    response.end(response.statusCode === 200 ? JSON.stringify(ANSWER) : 'Run not found');
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function printed(...args: string[]): Promise<string> {
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await explainCommand(args)).toBe(0);
    return String(log.mock.calls[0]?.[0]);
  }

  it('prints the timeline with times since its beginning', async () => {
    expect((await printed('r1', '--url', url)).split('\n')).toEqual([
      'Run r1 on thread t1: error. It ended as error.',
      'Attempts 2, crashes 1, retries 0; 7 events in its log.',
      'TypeError: the tool broke',
      '',
      '  2026-01-01T00:00:00.000Z     +0.0 s  create   strategy=enqueue order=1',
      '  2026-01-01T00:00:02.500Z     +2.5 s  rescue   attempt=1',
      '  webhook http://hook: pending, 2 attempts, last 500',
    ]);
  });

  it('asks the api of the stack in the data directory, and prints its answer as it is', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'explain-'));
    const postgres = { url: '', pid: null };
    writeStack(dataDir, { apis: [{ pid: 1, url }], workers: [], sweepers: [], redis: null, postgres });
    expect(await printed('r1', '--data-dir', dataDir, '--json')).toBe(JSON.stringify(ANSWER));
  });

  it('says what the api answered', async () => {
    await expect(explainCommand(['r2', '--url', url])).rejects.toThrow(/answered 404: Run not found/);
  });

  it.each([
    [[], /takes the id of one run, got 0/],
    [['a', 'b'], /got 2/],
    [['a', '--url', 'ftp://x'], /--url is "ftp:\/\/x"/],
    [['a', '--colour'], /--colour/],
  ])('refuses %j in one sentence', async (args, message) => {
    const refused = explainCommand(args);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  });
});
