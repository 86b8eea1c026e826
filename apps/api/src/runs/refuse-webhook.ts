/**
 * `http.disable_webhooks` of langgraph.json.
 */
import { LongrunError } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';

/** @throws LongrunError VALIDATION_FAILED when a webhook is asked for that would never be told */
export function refuseWebhook(
  { webhook }: { webhook?: string | null },
  { http }: Pick<GraphRegistry, 'http'>,
): void {
  if (!webhook || !http.disabled.has('webhooks')) return;
  throw new LongrunError(
    'VALIDATION_FAILED',
    'webhook: is not available: langgraph.json has http.disable_webhooks',
    {
      details: { field: 'webhook' },
    },
  );
}
