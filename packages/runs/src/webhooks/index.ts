/**
 * Webhooks: from the outbox to their receivers.
 */
export { isPrivateAddress } from './private-addresses.js';
export { WebhookSender, type WebhookSenderOptions } from './webhook-sender.js';
