/**
 * Signs webhooks, so that their receiver can tell who sent them and when. Source: the Standard Webhooks specification, version 1
 * (symmetric): https://www.standardwebhooks.com.
 */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** The headers of a delivery; without a secret there is no signature. */
export function webhookHeaders(
  delivery: { id: string; sentAt: Date; body: string },
  secret: string | undefined,
): Record<string, string> {
  const timestamp = String(Math.floor(delivery.sentAt.getTime() / 1_000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'longrun-webhook',
    'webhook-id': delivery.id,
    'webhook-timestamp': timestamp,
  };
  if (secret === undefined) return headers;
  const content = `${delivery.id}.${timestamp}.${delivery.body}`;
  const signature = createHmac('sha256', keyOf(secret)).update(content).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}

/** A secret with the prefix of the specification is base64, any other is taken as it is. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}
