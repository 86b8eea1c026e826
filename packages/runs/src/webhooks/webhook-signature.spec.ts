import { describe, expect, it } from '@jest/globals';
import { webhookHeaders } from './webhook-signature.js';

describe('the signature of a webhook', () => {
  const delivery = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    sentAt: new Date(1_614_265_330_000),
    body: '{"test": 2432232314}',
  };

  it('is that of the specification for its own example', () => {
    const headers = webhookHeaders(delivery, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(headers).toMatchObject({
      'webhook-id': delivery.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('takes a secret without the prefix as it is', () => {
    const plain = webhookHeaders(
      delivery,
      Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64').toString('latin1'),
    );
    expect(plain['webhook-signature']).toMatch(/^v1,.{44}$/);
    expect(plain['webhook-signature']).not.toBe(webhookHeaders(delivery, 'another')['webhook-signature']);
  });

  it('is left out without a secret', () => {
    expect(webhookHeaders(delivery, undefined)).not.toHaveProperty('webhook-signature');
  });
});
