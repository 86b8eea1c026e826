/**
 * Streams what happens to a thread: the events of its runs, one run after the other, until the client goes.
 */
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { END_EVENT, ERROR_EVENT, METADATA_EVENT, type NumberedRunEvent } from '@longrun/contracts';
import { RunEventHub, type RunEventBus } from '@longrun/runs';
import type pg from 'pg';
import { ApiConfig } from '../config/api-config.js';
import type { SseResponse } from '../http/sse-response.js';
import { inStreamModes } from '../protocol/rest-record.js';
import { BUS, POOL } from '../tokens.js';
import {
  NEXT_STARTED_RUN,
  PRESENT_OF_THREAD,
  type PresentRow,
  type StartedRunRow,
} from './sql/next-started-run.sql.js';
import { ThreadsService } from './threads.service.js';
import type { ThreadCursor } from './thread-cursor.js';
import { lookInterval, ThreadNews } from './thread-news.js';

/** What a client wants of a thread: everything its runs send, only that they begin and end, or only the state they leave. */
export const THREAD_STREAM_MODES = ['run_modes', 'lifecycle', 'state_update'] as const;
export type ThreadStreamMode = (typeof THREAD_STREAM_MODES)[number];

/** Sent with the state that a run or an update has left. */
const STATE_EVENT = 'state_update';
/** In the place of a number: behind all events of the run. */
const AFTER_RUN = Number.MAX_SAFE_INTEGER;

@Injectable()
export class ThreadStreamService implements BeforeApplicationShutdown {
  readonly #open = new Set<SseResponse>();

  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(ThreadsService) private readonly threads: ThreadsService,
    @Inject(ApiConfig) private readonly config: ApiConfig,
  ) {}

  /**
   * Streams until the client or this process goes. Returns at once, so that nothing holds the request.
   *
   * @param cursor the last event that the client has; null: from now on
   */
  start(
    sse: SseResponse,
    threadId: string,
    cursor: ThreadCursor | null,
    modes: readonly ThreadStreamMode[],
  ): void {
    void this.#stream(sse, threadId, cursor, modes);
  }

  /** Never rejects. */
  async #stream(
    sse: SseResponse,
    threadId: string,
    cursor: ThreadCursor | null,
    modes: readonly ThreadStreamMode[],
  ): Promise<void> {
    this.#open.add(sse);
    const news = new ThreadNews(sse);
    // Subscribed before the first look: what begins in between is heard.
    const { unsubscribe, ready } = this.bus.subscribeThread(threadId, (what) => news.tell(what));
    void ready.then(() => news.tell('run')).catch(() => undefined);
    const stopGap = this.bus.onGap(() => news.tell('run'));
    try {
      let at = cursor ?? (await this.#present(threadId));
      while (!sse.isClosed) {
        const run = await this.#next(threadId, at);
        if (run) at = await this.#streamRun(sse, threadId, run, at, modes);
        else if ((await news.wait(lookInterval(this.bus))) === 'state') {
          await this.#sendState(sse, threadId, at, modes);
        }
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      sse.writeNotice({ event: ERROR_EVENT, data: JSON.stringify({ error: 'StreamError', message }) });
    } finally {
      unsubscribe();
      stopGap();
      this.#open.delete(sse);
      sse.end();
    }
  }

  beforeApplicationShutdown(): void {
    for (const sse of this.#open) sse.end();
  }

  async #present(threadId: string): Promise<ThreadCursor> {
    const { rows } = await this.pool.query<PresentRow>(PRESENT_OF_THREAD, [threadId]);
    const row = rows[0];
    return { started: row?.started ?? row?.now ?? '0', seq: row?.last_seq ?? -1 };
  }

  async #next(threadId: string, at: ThreadCursor): Promise<StartedRunRow | undefined> {
    const from = at.seq === AFTER_RUN ? afterStart(at.started) : at.started;
    const { rows } = await this.pool.query<StartedRunRow>(NEXT_STARTED_RUN, [threadId, from]);
    return rows[0];
  }

  /** The rest of a run. Returns where the thread goes on after it. */
  async #streamRun(
    sse: SseResponse,
    threadId: string,
    run: StartedRunRow,
    at: ThreadCursor,
    modes: readonly ThreadStreamMode[],
  ): Promise<ThreadCursor> {
    const reader = this.hub.open(run.run_id, run.started === at.started ? at.seq : -1);
    const stopListening = sse.onClose(() => reader.close());
    try {
      for (let events = await reader.next(); events !== null; events = await reader.next()) {
        const visible = inStreamModes(events).filter((event) => this.#isVisible(event, modes));
        await sse.writeUnder(`${run.started}-`, visible);
      }
    } catch {
      // Deleted, rolled back or pruned meanwhile: the thread goes on without it.
    } finally {
      stopListening();
      reader.close();
    }
    const after = { started: run.started, seq: AFTER_RUN };
    await this.#sendState(sse, threadId, after, modes);
    return after;
  }

  #isVisible({ event }: NumberedRunEvent, modes: readonly ThreadStreamMode[]): boolean {
    const isLifecycle = modes.includes('lifecycle');
    if (event === END_EVENT)
      return isLifecycle || (modes.includes('run_modes') && this.config.STREAM_END_EVENT);
    if (event === METADATA_EVENT || event === ERROR_EVENT) return isLifecycle || modes.includes('run_modes');
    return modes.includes('run_modes');
  }

  /** The state of the thread as it is now; reading an event of it again is harmless, so it has the place of what came before. */
  async #sendState(
    sse: SseResponse,
    threadId: string,
    at: ThreadCursor,
    modes: readonly ThreadStreamMode[],
  ): Promise<void> {
    if (!modes.includes('state_update') || sse.isClosed) return;
    const { values, status, interrupts } = await this.threads.get(threadId);
    const data = JSON.stringify({ thread_id: threadId, values, status, interrupts });
    await sse.writeUnder(`${at.started}-`, [{ seq: at.seq, event: STATE_EVENT, data }]);
  }
}

function afterStart(started: string): string {
  return String(BigInt(started) + 1n);
}
