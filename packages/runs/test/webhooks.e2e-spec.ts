/**
 * The sender on the outbox: leases, attempts, and what it refuses to call.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@longrun/testing';
import { WebhookSender, type WebhookSenderOptions } from '../src/webhooks/webhook-sender.js';
import { createFixture, type Fixture } from './fixture.js';

describe('the sender of webhooks', () => {
  let fixture: Fixture;
  let receiver: Server;
  let calls = 0;
  let isSilent = false;
  beforeAll(async () => {
    fixture = await createFixture();
    receiver = createServer((_request, response) => {
      calls += 1;
      if (!isSilent) response.writeHead(503).end();
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await fixture.close();
  });
  beforeEach(async () => {
    calls = 0;
    isSilent = false;
    await fixture.pool.query('DELETE FROM webhook_delivery');
  });

  const url = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;

  async function ended(webhook: string): Promise<void> {
    const { runId, threadId } = await fixture.create({ webhook });
    await fixture.store.finish({ runId, threadId, end: { status: 'interrupted' } });
  }

  async function deliver(options: Partial<WebhookSenderOptions> = {}): Promise<Record<string, unknown>> {
    const sender = new WebhookSender({ pool: fixture.pool, allowPrivate: true, ...options });
    await sender.deliverDue();
    await sender.stop();
    const { rows } = await fixture.pool.query<Record<string, unknown>>(
      'SELECT status, attempts, last_status, last_error, due_at > now() AS later, ended_at IS NOT NULL AS ended FROM webhook_delivery',
    );
    return rows[0] ?? {};
  }

  const makeDue = (): Promise<unknown> => fixture.pool.query('UPDATE webhook_delivery SET due_at = now()');

  it('puts a delivery that failed off, and gives up after as many attempts as are allowed', async () => {
    await ended(url());
    expect(await deliver({ attempts: 2 })).toMatchObject({
      status: 'pending',
      attempts: 1,
      last_status: 503,
      later: true,
    });
    await deliver({ attempts: 2 });
    expect(calls).toBe(1);
    await makeDue();
    expect(await deliver({ attempts: 2 })).toMatchObject({ status: 'failed', attempts: 2, ended: true });
    await makeDue();
    await deliver({ attempts: 2 });
    expect(calls).toBe(2);
  });

  it('does not wait for a receiver that says nothing longer than it may', async () => {
    isSilent = true;
    await ended(url());
    expect(await deliver({ timeoutMs: 100 })).toMatchObject({
      status: 'pending',
      last_status: null,
      last_error: 'no answer within 100 ms',
    });
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://localhost:1/',
    'http://2130706433:1/',
    'http://0x7f.1:1/',
  ])('does not call %s unless that is allowed', async (address) => {
    await ended(address);
    expect(await deliver({ allowPrivate: false })).toMatchObject({
      last_status: null,
      last_error: expect.stringContaining('is in a private network') as unknown,
    });
    await makeDue();
    expect(await deliver()).toMatchObject({ last_error: expect.stringContaining('ECONNREFUSED') as unknown });
  });

  it('says what a path lacks', async () => {
    await ended('/hook');
    expect(await deliver()).toMatchObject({
      last_error: expect.stringContaining('WEBHOOK_LOOPBACK_URL') as unknown,
    });
    await makeDue();
    const loopbackUrl = new URL('/', url()).toString();
    expect(await deliver({ loopbackUrl, allowPrivate: false })).toMatchObject({ last_status: 503 });
  });

  it('shares the work with others, and takes what one of them has lost', async () => {
    await Promise.all(Array.from({ length: 30 }, () => ended(url())));
    const senders = Array.from(
      { length: 4 },
      () => new WebhookSender({ pool: fixture.pool, allowPrivate: true }),
    );
    await waitUntil(async () => {
      await Promise.all(senders.map((sender) => sender.deliverDue()));
      await Promise.all(senders.map((sender) => sender.stop()));
      return calls >= 30;
    });
    expect(calls).toBe(30);
    // One that died has left its lease: attempts counted, nothing recorded.
    await fixture.pool.query(
      `UPDATE webhook_delivery SET last_status = NULL, due_at = now() - interval '1 second'`,
    );
    await Promise.all(senders.map((sender) => sender.deliverDue()));
    await Promise.all(senders.map((sender) => sender.stop()));
    expect(calls).toBe(60);
  });

  it('has nothing to deliver for a run without a webhook', async () => {
    const { runId, threadId } = await fixture.create();
    await fixture.store.finish({ runId, threadId, end: { status: 'interrupted' } });
    expect(await deliver()).toEqual({});
  });
});
