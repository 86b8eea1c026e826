/**
 * All readers of one process: one subscription per run, whatever the number of its readers, and one question to
 * Postgres for all runs of which nothing was heard for a while.
 */
import { LongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { readLog } from './read-log.js';
import type { BusSubscription, RunEventBus } from './run-event-bus.js';
import { RunEventReader, type ReaderSource } from './run-event-reader.js';
import { SharedPages } from './shared-pages.js';
import { SILENT_RUNS, type SilentRunRow } from './silent-runs.sql.js';

/** Silence after which a run is asked about. */
const SILENCE_MS = 2_000;
/** The same while pushes are not heard: then the log is the only source. */
const SILENCE_WITHOUT_PUSH_MS = 200;

/** A create does not wait longer than this for its subscription. */
const SUBSCRIBE_WAIT_MS = 100;

interface Feed {
  readonly subscription: BusSubscription;
  readonly readers: Set<RunEventReader>;
  /** Counts what was heard of the run. */
  heard: number;
}

export interface RunEventHubOptions {
  pool: pg.Pool;
  bus: RunEventBus;
  /** Bytes that may wait for one reader. Default 256 KB. */
  readerBufferBytes?: number;
}

export class RunEventHub {
  readonly #pool: pg.Pool;
  readonly #bus: RunEventBus;
  readonly #readerOptions: { bufferBytes?: number };
  readonly #pages: SharedPages;
  readonly #source: ReaderSource;
  readonly #feeds = new Map<string, Feed>();
  readonly #stopGap: () => void;
  #timer: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(options: RunEventHubOptions) {
    this.#pool = options.pool;
    this.#bus = options.bus;
    this.#readerOptions =
      options.readerBufferBytes === undefined ? {} : { bufferBytes: options.readerBufferBytes };
    this.#pages = new SharedPages((runId, cursor) => readLog(this.#pool, this.#bus, runId, cursor));
    this.#source = {
      read: (runId, cursor) => this.#pages.read(runId, cursor, this.#feeds.get(runId)?.heard ?? Infinity),
      closed: (reader) => this.#detach(reader),
    };
    this.#stopGap = this.#bus.onGap(() => this.#pokeAll());
    this.#schedule();
  }

  /** Readers open now. */
  get readerCount(): number {
    let count = 0;
    for (const feed of this.#feeds.values()) count += feed.readers.size;
    return count;
  }

  /**
   * Opens a reader. It hears pushes from the moment `ready` resolves; until then it reads the log.
   *
   * @param cursor last seq that the client has; -1 for none
   */
  open(runId: string, cursor: number): RunEventReader {
    return this.#attach(runId, cursor, true);
  }

  /**
   * Opens a reader that hears what comes and looks for nothing that was: for a run that does not exist yet, or whose place its caller asks for
   * afterwards. Resolves when the subscription stands, or at once while the bus is away.
   */
  async listen(runId: string): Promise<RunEventReader> {
    const reader = this.#attach(runId, -1, false);
    const feed = this.#feeds.get(runId);
    const ready = feed?.subscription.ready;
    // Rejects when the reader is closed before: a run may end while the bus is away.
    const stands = ready?.then(
      () => true,
      () => false,
    );
    const isReady = this.#bus.isLive && (await Promise.race([stands, pause(SUBSCRIBE_WAIT_MS)]));
    // Events may pass unheard until the subscription stands: then the log is asked once.
    if (!isReady && feed) void stands?.then(() => poke(feed, reader));
    return reader;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stopGap();
    for (const feed of this.#feeds.values()) {
      for (const reader of feed.readers) reader.close();
    }
  }

  #attach(runId: string, cursor: number, mustRead: boolean): RunEventReader {
    const reader = new RunEventReader(runId, cursor, this.#source, {
      mustRead: false,
      ...this.#readerOptions,
    });
    const feed = this.#feeds.get(runId) ?? this.#subscribe(runId);
    feed.readers.add(reader);
    if (mustRead) {
      // Subscribe first, then read: whatever is published in between is heard. While the bus is away the log is all there is.
      if (!this.#bus.isLive) poke(feed, reader);
      feed.subscription.ready.then(
        () => poke(feed, reader),
        () => poke(feed, reader),
      );
    }
    return reader;
  }

  #subscribe(runId: string): Feed {
    const readers = new Set<RunEventReader>();
    const subscription = this.#bus.subscribe(runId, (message) => {
      const now = performance.now();
      feed.heard += 1;
      for (const reader of readers) {
        reader.lastHeardAt = now;
        reader.push(message);
      }
    });
    const feed: Feed = { subscription, readers, heard: 0 };
    this.#feeds.set(runId, feed);
    return feed;
  }

  #detach(reader: RunEventReader): void {
    const feed = this.#feeds.get(reader.runId);
    if (!feed) return;
    feed.readers.delete(reader);
    if (feed.readers.size === 0) {
      this.#feeds.delete(reader.runId);
      this.#pages.forget(reader.runId);
      feed.subscription.unsubscribe();
    }
  }

  #pokeAll(): void {
    for (const feed of this.#feeds.values()) for (const reader of feed.readers) poke(feed, reader);
  }

  #schedule(): void {
    const interval = this.#bus.isLive ? SILENCE_MS / 2 : SILENCE_WITHOUT_PUSH_MS;
    this.#timer = setTimeout(() => {
      void this.#askAboutSilentRuns().finally(() => {
        if (this.#timer) this.#schedule();
      });
    }, interval);
    this.#timer.unref();
  }

  async #askAboutSilentRuns(): Promise<void> {
    if (this.#asking) return;
    const since = performance.now() - (this.#bus.isLive ? SILENCE_MS : SILENCE_WITHOUT_PUSH_MS);
    const silent: RunEventReader[] = [];
    for (const feed of this.#feeds.values()) {
      for (const reader of feed.readers) if (reader.lastHeardAt <= since) silent.push(reader);
    }
    if (silent.length === 0) return;
    this.#asking = true;
    try {
      const ids = [...new Set(silent.map((reader) => reader.runId))];
      const { rows } = await this.#pool.query<SilentRunRow>(SILENT_RUNS, [ids]);
      const answers = new Map(rows.map((row) => [row.run_id, row]));
      for (const reader of silent) this.#tell(reader, answers.get(reader.runId));
    } catch {
      // Postgres is away: the next round asks again.
    } finally {
      this.#asking = false;
    }
  }

  #tell(reader: RunEventReader, answer: SilentRunRow | undefined): void {
    if (!answer) return;
    reader.lastHeardAt = performance.now();
    const lastSeq = answer.last_seq ?? -1;
    const feed = this.#feeds.get(reader.runId);
    if (feed && lastSeq > reader.cursor) poke(feed, reader);
    else if (answer.deleted) reader.fail(gone(reader.runId, 'was deleted'));
    else if (answer.pruned) reader.fail(gone(reader.runId, 'ended long ago; its events were pruned'));
    else if (answer.ended) reader.fail(gone(reader.runId, `has no event after ${reader.cursor}`));
  }
}

/** Something may have been missed: a page that is being read already is not enough. */
function poke(feed: Feed, reader: RunEventReader): void {
  feed.heard += 1;
  reader.poke();
}

function gone(runId: string, why: string): LongrunError {
  return new LongrunError('RUN_NOT_FOUND', `Run ${runId} ${why}.`, { details: { run_id: runId } });
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
