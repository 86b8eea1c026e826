/**
 * Delivers the webhooks of the outbox, at least once each: a receiver tells repetitions by their `webhook-id`. A failed attempt is
 * repeated with growing pauses; a receiver that says 410 is not asked again.
 */
import { currentTraceparent, inSpan, noteFailure, type Span } from '@longrun/telemetry';
import type pg from 'pg';
import { sendWebhook, type WebhookAnswer } from './send-webhook.js';
import { webhookHeaders } from './webhook-signature.js';
import { RECORD_DELIVERY, TAKE_DELIVERIES, type DeliveryRow } from './webhooks.sql.js';

/** Pauses between attempts, seconds. Source: the schedule that the Standard Webhooks specification suggests. */
const PAUSES = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** Each pause is longer by up to this part of it, so that receivers which come back are not called all at once. */
const JITTER = 0.2;
/** Deliveries under way at a time. */
const AT_ONCE = 16;
const GONE = 410;

export interface WebhookSenderOptions {
  pool: pg.Pool;
  /** Signs deliveries; without it they are not signed. */
  secret?: string | undefined;
  /** Longest attempt. Default 10 s. */
  timeoutMs?: number;
  /** Attempts altogether. Default 8. */
  attempts?: number;
  /** Addresses of private networks may be called. Default false. */
  allowPrivate?: boolean;
  /** Where webhooks go that are paths: the URL of an api. Without it they fail. */
  loopbackUrl?: string | undefined;
  /** First pause between attempts, seconds. Default 5. */
  firstPauseSeconds?: number;
}

export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** Begins to deliver what is due, as far as there is room. Resolves with their number when they are taken, not when they are delivered. */
  async deliverDue(): Promise<number> {
    const room = AT_ONCE - this.#underWay.size;
    if (room <= 0) return 0;
    const { pool } = this.#options;
    const { rows } = await pool.query<DeliveryRow>(TAKE_DELIVERIES, [
      (this.#timeoutMs + 5_000) / 1_000,
      room,
    ]);
    for (const row of rows) {
      // What cannot be recorded is due again when its lease ends.
      const delivery = this.#deliverTraced(row).catch(() => undefined);
      this.#underWay.add(delivery);
      void delivery.finally(() => this.#underWay.delete(delivery));
    }
    return rows.length;
  }

  /** Waits for what is under way: as long as an attempt may last. */
  async stop(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? 10_000;
  }

  #deliverTraced(row: DeliveryRow): Promise<void> {
    const attributes = {
      'http.request.method': 'POST',
      'http.request.resend_count': row.attempts - 1,
      'longrun.run.id': row.run_id,
      'gen_ai.conversation.id': row.thread_id,
    };
    return inSpan('webhook', { kind: 'CLIENT', parent: row.traceparent, attributes }, (span) =>
      this.#deliver(row, span),
    );
  }

  async #deliver(row: DeliveryRow, span: Span): Promise<void> {
    const answer = await this.#send(row);
    const status = 'status' in answer ? answer.status : null;
    const isDelivered = status !== null && status >= 200 && status < 300;
    if (status !== null) span.setAttribute('http.response.status_code', status);
    if (!isDelivered) noteFailure('error' in answer ? answer.error : `the receiver answered ${status}`, span);
    const pause = isDelivered || status === GONE ? null : this.#pauseAfter(row.attempts);
    await this.#options.pool.query(RECORD_DELIVERY, [
      row.delivery_id,
      isDelivered ? 'delivered' : pause === null ? 'failed' : 'pending',
      status,
      'error' in answer ? answer.error : isDelivered ? null : `the receiver answered ${status ?? 'nothing'}`,
      pause,
    ]);
  }

  async #send(row: DeliveryRow): Promise<WebhookAnswer> {
    const { secret, allowPrivate = false, loopbackUrl } = this.#options;
    const isLoopback = row.url.startsWith('/');
    if (isLoopback && loopbackUrl === undefined) {
      return { error: 'a path needs WEBHOOK_LOOPBACK_URL, the URL of an api' };
    }
    const sentAt = new Date();
    // Also where nothing is recorded the receiver's own trace joins that of the run.
    const traceparent = currentTraceparent() ?? row.traceparent;
    const body = `${withoutUser(row.payload).trimEnd().slice(0, -1)},"webhook_sent_at":${JSON.stringify(sentAt)}}`;
    return sendWebhook({
      url: new URL(row.url, loopbackUrl),
      headers: {
        ...webhookHeaders({ id: row.delivery_id, sentAt, body }, secret),
        ...(traceparent === null ? {} : { traceparent }),
      },
      body,
      timeoutMs: this.#timeoutMs,
      allowPrivate: allowPrivate || isLoopback,
    });
  }

  /** Seconds until the next attempt; null when there is none. */
  #pauseAfter(attempts: number): number | null {
    if (attempts >= (this.#options.attempts ?? 8)) return null;
    const longest = PAUSES.at(-1) ?? 0;
    const pause = attempts === 1 ? this.#options.firstPauseSeconds : undefined;
    return (pause ?? PAUSES[attempts - 1] ?? longest) * (1 + Math.random() * JITTER);
  }
}

/** Who asked for the run may carry a token, which is not for the receiver. */
function withoutUser(payload: string): string {
  if (!payload.includes('"langgraph_auth_user"')) return payload;
  const body = JSON.parse(payload) as { kwargs?: { config?: { configurable?: Record<string, unknown> } } };
  delete body.kwargs?.config?.configurable?.['langgraph_auth_user'];
  return JSON.stringify(body);
}
