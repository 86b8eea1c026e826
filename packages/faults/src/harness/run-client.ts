/**
 * A client as they are in the world: it repeats a request that was not answered under the same `Idempotency-Key`, reads streams with
 * `Last-Event-ID`, and goes to another api when its own is gone.
 */
import { randomUUID } from 'node:crypto';
import { readSse } from '@longrun/testing';

/** A request without an answer for this long counts as one that hangs. */
const NO_ANSWER_MS = 20_000;
/** Between two tries. */
const RETRY_MS = 200;

interface Refusal {
  readonly status: number;
  readonly ms: number;
  readonly retryAfter: string | null;
}

export interface AcceptedRun {
  runId: string;
  threadId: string;
  /** When the request was sent first and when it was answered; monotonic ms. */
  sentAt: number;
  acceptedAt: number;
  /** How long the request that was accepted took; those before it are among the refusals. */
  answerMs: number;
  /** Answers that were not 2xx: their status, 0 for none, the time they took, and `Retry-After`. */
  refusals: Refusal[];
}

/** What came back; status 0 when nothing did. */
export interface Answer extends Refusal {
  readonly body: unknown;
}

export interface CreateOptions {
  /** Default: a thread of its own. */
  threadId?: string;
  /** How long it is tried. Default 60,000. */
  withinMs?: number;
  /** Whether repeats carry an `Idempotency-Key`. Default true. */
  withKey?: boolean;
}

export interface SeenRecord {
  seq: number;
  event: string;
  data: string;
  /** Monotonic, ms. */
  atMs: number;
}

/** What one reader saw of one run. */
export interface Reading {
  readonly records: SeenRecord[];
  /** Connections that broke. */
  reconnects: number;
  /** Resolves when the stream has come to its end. */
  readonly done: Promise<void>;
}

export interface RunRequestBody {
  assistant_id: string;
  input: Record<string, unknown>;
  [field: string]: unknown;
}

export class RunClient {
  readonly #apiUrls: readonly string[];
  #next = 0;

  constructor(apiUrls: readonly string[]) {
    this.#apiUrls = apiUrls;
  }

  /** Creates a run on a thread of its own, or on that of the caller. @throws Error when it is not accepted in time */
  async create(body: RunRequestBody, options: CreateOptions = {}): Promise<AcceptedRun> {
    const { threadId, withinMs = 60_000, withKey = true } = options;
    const sentAt = performance.now();
    const thread = threadId ?? randomUUID();
    const refusals: Refusal[] = [];
    const key = randomUUID();
    for (;;) {
      const answer = await this.post(
        `/threads/${thread}/runs`,
        { config: { recursion_limit: 10_000 }, if_not_exists: 'create', ...body },
        withKey ? { 'idempotency-key': key } : {},
      );
      if (answer.status >= 200 && answer.status < 300) {
        const { run_id: runId } = answer.body as { run_id: string };
        return {
          runId,
          threadId: thread,
          sentAt,
          acceptedAt: performance.now(),
          answerMs: answer.ms,
          refusals,
        };
      }
      refusals.push({ status: answer.status, ms: answer.ms, retryAfter: answer.retryAfter });
      if (answer.status >= 400 && answer.status < 500) {
        throw new Error(`A run was refused with ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
      }
      if (performance.now() - sentAt > withinMs)
        throw new Error(`A run was not accepted within ${String(withinMs)} ms.`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** One request to the next api. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sentAt = performance.now();
    const took = (): number => Math.round(performance.now() - sentAt);
    try {
      const response = await fetch(`${this.#api()}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(NO_ANSWER_MS),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: text === '' ? null : (JSON.parse(text) as unknown),
        ms: took(),
        retryAfter: response.headers.get('retry-after'),
      };
    } catch (error) {
      return { status: 0, body: String(error), ms: took(), retryAfter: null };
    }
  }

  /**
   * Reads a run's log to its end, however often the connection breaks.
   *
   * @param onRecord what it returns is waited for, and nothing further read until then
   * @param from number of the first record that is wanted
   * @param cutAfter records after which it leaves its connection for a new one
   */
  follow(
    run: { runId: string; threadId: string },
    onRecord: (record: SeenRecord) => void | Promise<void> = () => undefined,
    from = 0,
    cutAfter = Infinity,
  ): Reading {
    const records: SeenRecord[] = [];
    const reading = { records, reconnects: 0, done: Promise.resolve() };
    const path = `/threads/${run.threadId}/runs/${run.runId}/stream`;
    reading.done = (async () => {
      for (;;) {
        const cursor = records.at(-1)?.seq ?? from - 1;
        try {
          for await (const { id, event, data, comment } of readSse(`${this.#api()}${path}`, {
            lastEventId: cursor,
          })) {
            if (comment !== undefined || id === undefined) continue;
            const record = { seq: Number(id), event, data, atMs: performance.now() };
            records.push(record);
            const handled = onRecord(record);
            if (handled) await handled;
            if (records.length % cutAfter === 0) throw new Error('This reader leaves its connection.');
          }
          return;
        } catch {
          reading.reconnects += 1;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    })();
    return reading;
  }

  #api(): string {
    this.#next += 1;
    return this.#apiUrls[this.#next % this.#apiUrls.length] ?? '';
  }
}
