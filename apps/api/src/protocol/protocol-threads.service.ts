/**
 * What the protocol asks Postgres about threads and their runs: the one place in which its routes look up a thread.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Thread } from '@longrun/contracts';
import { PrismaClient } from '@longrun/database';
import type pg from 'pg';
import type { RequestAccess } from '../auth/request-access.js';
import { threadNotFound, toThread } from '../threads/thread-row.js';
import { POOL } from '../tokens.js';
import type { RunFacts } from './protocol-event.js';
import {
  ENDED_RUN,
  FIND_RUN_OF_THREAD,
  HAS_ASKED,
  LIFECYCLE_RECORDS,
  NEXT_RUN,
  THREAD_PLACE,
  type NextRunRow,
  type RunFactsRow,
  type ThreadPlaceRow,
} from './sql/thread-runs.sql.js';
import { ProtocolError } from './protocol-error.js';
import { BEGINNING, seqOfPlace, WHOLE_RECORD, type ThreadPlace } from './thread-place.js';

/** Records in which a question is looked for, the newest first. */
const ASKED_RECORDS = 200;
/** Records of which a tree is made. */
const TREE_RECORDS = 10_000;

export interface NextRun {
  facts: RunFacts;
  /** Number of its last record; null while it is active. */
  lastSeq: number | null;
  /** The log of a run before it is gone. */
  somePruned: boolean;
}

/** Where a thread stands. */
export interface ThreadStanding {
  /** `seq` of its newest event; 0 without one. */
  seq: number;
  /** Run that is under way, or waits and its time has come. */
  activeRunId: string | null;
  /** Where a stream begins that names no event. */
  first: ThreadPlace;
}

@Injectable()
export class ProtocolThreads {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(POOL) private readonly pool: pg.Pool,
  ) {}

  /**
   * The thread; null when there never was one: its first run may make it.
   *
   * @throws LongrunError THREAD_NOT_FOUND for one that was deleted
   */
  async find(threadId: string): Promise<Thread | null> {
    const row = await this.prisma.thread.findUnique({ where: { id: threadId } });
    if (row === null) return null;
    if (row.hiddenAt !== null) throw threadNotFound(threadId);
    return toThread(row);
  }

  /**
   * Whether the caller may know of the thread. One that does not exist yet may be anybody's.
   *
   * @throws ProtocolError no_such_run for one that is somebody else's; what a handler of `auth.path` refuses with
   */
  ask(access: RequestAccess, threadId: string): Promise<void> {
    return access.askForThread('threads:read', threadId, undefined, () => noRun(threadId));
  }

  async standing(threadId: string): Promise<ThreadStanding> {
    const { rows } = await this.pool.query<ThreadPlaceRow>({
      name: 'protocol-thread-place',
      text: THREAD_PLACE,
      values: [threadId],
    });
    const row = rows[0];
    const order = row?.last_order ?? null;
    const first = row?.first ?? null;
    return {
      seq: order === null ? 0 : seqOfPlace({ order, seq: row?.last_seq ?? 0 }),
      activeRunId: row?.active_run_id ?? null,
      first: first === null ? BEGINNING : { order: first, seq: -1, part: WHOLE_RECORD },
    };
  }

  /** The first run at that place or behind it whose log there is; null when there is none yet. */
  async nextRun(threadId: string, order: number): Promise<NextRun | null> {
    const { rows } = await this.pool.query<NextRunRow>({
      name: 'protocol-next-run',
      text: NEXT_RUN,
      values: [threadId, order],
    });
    const row = rows[0];
    if (!row) return null;
    return { facts: factsOf(row), lastSeq: row.last_seq, somePruned: row.some_pruned };
  }

  /** The facts of a run whose end has been read; as they were when it is gone. */
  async atEnd(facts: RunFacts): Promise<RunFacts> {
    const { rows } = await this.pool.query<RunFactsRow>(ENDED_RUN, [facts.runId]);
    return rows[0] ? factsOf(rows[0]) : facts;
  }

  /** A run of the thread, or the one that began last. */
  async findRun(threadId: string, runId: string | null): Promise<RunFacts | null> {
    const { rows } = await this.pool.query<RunFactsRow>(FIND_RUN_OF_THREAD, [threadId, runId]);
    return rows[0] ? factsOf(rows[0]) : null;
  }

  /** Whether the run has put the question. */
  async hasAsked(runId: string, interruptId: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ has_asked: boolean }>(HAS_ASKED, [
      runId,
      interruptId,
      ASKED_RECORDS,
    ]);
    return rows[0]?.has_asked ?? false;
  }

  /** What the log of a run tells of its graphs, and its end. */
  async lifecycleRecords(runId: string): Promise<{ seq: number; event: string; data: string }[]> {
    const { rows } = await this.pool.query<{ seq: number; event: string; data: string }>(LIFECYCLE_RECORDS, [
      runId,
      TREE_RECORDS,
    ]);
    return rows;
  }
}

/** What is said of a thread that has had no run, and of one that is somebody else's. */
export function noRun(threadId: string): ProtocolError {
  return new ProtocolError('no_such_run', `Thread ${threadId} has had no run.`);
}

function factsOf(row: RunFactsRow): RunFacts {
  return {
    runId: row.run_id,
    order: row.start_order ?? 0,
    graphId: row.graph_id,
    startedAt: row.started_at ?? 0,
    endedAt: row.ended_at,
    error: row.error,
  };
}
