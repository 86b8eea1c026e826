/**
 * Follows a thread for one subscription: its runs in the order in which they began, each log to its end, for as long as the client stays.
 * Subscribes first, then reads, then follows; nothing further is read while the client does not take what it was sent.
 */
import { END_EVENT, type NumberedRunEvent, type ProtocolAddress } from '@longrun/contracts';
import type { RunEventBus, RunEventHub } from '@longrun/runs';
import { lookInterval, ThreadNews } from '../threads/thread-news.js';
import { eventsOfRecord, type ProtocolEvent, type RunFacts } from './protocol-event.js';
import { ProtocolError } from './protocol-error.js';
import type { ProtocolThreads } from './protocol-threads.service.js';
import { BEGINNING, isBefore, WHOLE_RECORD, type ThreadPlace } from './thread-place.js';

/** Where events go. */
export interface EventSink {
  readonly isClosed: boolean;
  /** Calls back once, at once when it is closed already. Returns the removal. */
  onClose(listener: () => void): () => void;
  /** Resolves when the client can take more, or is gone. */
  write(events: readonly ProtocolEvent[]): Promise<void>;
  /** Everything up to there has been looked at. */
  passed?(place: ThreadPlace): void;
  /** Something that the client cannot be given. */
  tell(error: ProtocolError): void;
}

export interface FollowerSources {
  readonly bus: RunEventBus;
  readonly hub: RunEventHub;
  readonly threads: ProtocolThreads;
  /** Throws when the caller may not know of the thread. Asked before every run: the thread may have been made since the stream was opened. */
  ask(): Promise<void>;
}

export interface Following {
  /** The last event that the client has; null: from the run that is under way or comes next on, else from the last one on. */
  from: ThreadPlace | null;
  wants: (address: ProtocolAddress) => boolean;
}

/** Behind all records of a run. */
const AFTER_RUN = Number.MAX_SAFE_INTEGER;

/**
 * Sends what is wanted, until the sink is closed.
 *
 * @throws the driver's error when Postgres is away at a look; what `ask` throws
 */
export async function followThread(
  { bus, hub, threads, ask }: FollowerSources,
  threadId: string,
  { from, wants }: Following,
  sink: EventSink,
): Promise<void> {
  const news = new ThreadNews(sink);
  // Subscribed before the first look: what begins in between is heard.
  const { unsubscribe, ready } = bus.subscribeThread(threadId, (what) => news.tell(what));
  void ready.then(() => news.tell('run')).catch(() => undefined);
  const stopGap = bus.onGap(() => news.tell('run'));
  try {
    let at = from ?? (await threads.standing(threadId)).first;
    while (!sink.isClosed) {
      const next = await threads.nextRun(threadId, at.seq === AFTER_RUN ? at.order + 1 : at.order);
      if (next === null) {
        await news.wait(lookInterval(bus));
        continue;
      }
      await ask();
      const { facts, lastSeq, somePruned } = next;
      // Who asks for the beginning gets what there is; who has seen an event of what is gone is told.
      if (somePruned && at.order > BEGINNING.order) sink.tell(pruned(facts));
      const since = facts.order === at.order ? at : { ...BEGINNING, order: facts.order };
      if (lastSeq === null || since.seq < lastSeq) await followRun(facts, since);
      at = { order: facts.order, seq: AFTER_RUN, part: WHOLE_RECORD };
    }
  } finally {
    unsubscribe();
    stopGap();
  }

  async function followRun(given: RunFacts, since: ThreadPlace): Promise<void> {
    // The rest of a record is found by reading it once more.
    const reader = hub.open(given.runId, since.part === WHOLE_RECORD ? since.seq : since.seq - 1);
    const stopListening = sink.onClose(() => reader.close());
    let facts = given;
    try {
      for (let records = await reader.next(); records !== null; records = await reader.next()) {
        if (records.at(-1)?.event === END_EVENT && facts.endedAt === null) facts = await threads.atEnd(facts);
        await sink.write(wanted(records, facts, since));
        sink.passed?.({ order: facts.order, seq: reader.cursor, part: WHOLE_RECORD });
      }
    } catch {
      if (!sink.isClosed) sink.tell(lost(given));
    } finally {
      stopListening();
      reader.close();
    }
  }

  function wanted(
    records: readonly NumberedRunEvent[],
    facts: RunFacts,
    since: ThreadPlace,
  ): ProtocolEvent[] {
    return records
      .flatMap((record) => eventsOfRecord(record, facts, wants))
      .filter(({ place }) => isBefore(since, place));
  }
}

function pruned({ runId }: RunFacts): ProtocolError {
  return new ProtocolError(
    'no_such_run',
    `Events before run ${runId} may be missing: logs are kept for RUN_EVENT_RETENTION_SECONDS after the end of a run.`,
  );
}

function lost({ runId }: RunFacts): ProtocolError {
  return new ProtocolError('no_such_run', `The rest of run ${runId} is gone: it was deleted or pruned.`);
}
