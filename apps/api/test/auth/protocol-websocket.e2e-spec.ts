/**
 * The WebSocket of protocol v2 where everybody has to say who they are: an upgrade is authenticated as a request is, and what belongs to
 * somebody else is not there.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { isEnd, RawSocket } from '../protocol-support.js';
import { startAuthStack } from './auth-stack.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startAuthStack();
});
afterAll(() => stack.stop());

const as = (name: string | null, threadId: string): Promise<RawSocket> =>
  new RawSocket(
    stack,
    threadId,
    name === null ? {} : { headers: { authorization: `Bearer ${name}` } },
  ).opened();

describe('a WebSocket on a stack with auth.path', () => {
  it('is not opened for somebody who does not say who they are', async () => {
    const socket = await as(null, randomUUID());
    expect(socket.closed).toMatchObject({ code: 1006 });
    expect(socket.refusedWith).toBe(401);
  });

  it('serves its caller, and is closed for others as for a thread that is not there', async () => {
    const threadId = randomUUID();
    const hers = await as('alice', threadId);
    await hers.command('subscription.subscribe', { channels: ['lifecycle'] });
    expect(await hers.command('run.start', { assistant_id: 'steps', input: { ms: 1 } })).toMatchObject({
      type: 'success',
    });
    await waitUntil(() => hers.events.some(isEnd));
    const his = await as('bob', threadId);
    await waitUntil(() => his.closed);
    expect(his.closed?.code).toBe(4404);
    expect([...his.events, ...his.answers]).toEqual([]);
    hers.close();
  });

  it('does not tell a stranger who was there first what happens in a thread that somebody else makes', async () => {
    const threadId = randomUUID();
    const his = await as('bob', threadId);
    await his.command('subscription.subscribe', { channels: ['lifecycle', 'values'], since: 0 });
    const hers = await as('alice', threadId);
    await hers.command('subscription.subscribe', { channels: ['lifecycle'] });
    await hers.command('run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await waitUntil(() => hers.events.some(isEnd));
    await waitUntil(() => his.closed);
    expect(his.events).toEqual([]);
    expect(his.closed?.code).toBe(4404);
    hers.close();
  });
});
