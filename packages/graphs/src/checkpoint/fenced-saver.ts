/**
 * The checkpointer of one attempt (or, without a writer, of a reader): LangGraph's Postgres saver with fenced writes,
 * branch-safe channel versions, "newest" decided by commit order, and the run and attempt recorded with each row.
 */
import type { RunnableConfig } from '@langchain/core/runnables';
import type {
  ChannelVersions,
  Checkpoint,
  CheckpointListOptions,
  CheckpointMetadata,
  CheckpointTuple,
  PendingWrite,
} from '@langchain/langgraph-checkpoint';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import type pg from 'pg';
import type { AttemptWriter } from './attempt-writer.js';
import { nextChannelVersion } from './channel-version.js';
import { loadCheckpointRow, type CheckpointRow, type PendingWriteRow } from './checkpoint-row.js';
import { NewestRoot } from './newest-root.js';
import { LANGGRAPH_SCHEMA } from './checkpoint-schema.js';
import {
  NULL_TASK_ID,
  RESUME_CHANNEL,
  SELECT_ANSWER_TAKEN,
  SELECT_CHECKPOINT,
  SELECT_PENDING_SENDS,
} from './checkpoint-sql.js';
import { checkpointMetadata, storableJson } from './checkpoint-metadata.js';
import type { CheckpointWrites } from './checkpoint-writes.js';
import { retryWhilePostgresIsAway } from './postgres-faults.js';
import { strict } from './strict-serialiser.js';

/** Writes that may stand in line before the graph has to wait. */
const RUN_AHEAD_WRITES = 50;

export interface FencedSaverOptions {
  pool: pg.Pool;
  /** Bounds the waits of reads for Postgres. */
  signal: AbortSignal;
  /** Absent: every write throws. */
  writer?: AttemptWriter | undefined;
  /** Who reads and writes. Null: nobody's run, as of a client that edits a state. */
  author: { runId: string; attempt: number } | null;
  /** The root checkpoint that counts as the newest until this attempt has written one; null: the thread has none, and is not asked. */
  pinnedRoot?: string | null | undefined;
  /**
   * Told of a failed write, which then resolves: LangGraph looks at the promises of its writes only when it ends, and
   * a rejection until then would be an unhandled one. Absent: a failed write rejects.
   */
  onFailure?: ((error: unknown) => void) | undefined;
  /**
   * A write resolves as soon as it stands in the writer's line, not when it is committed. LangGraph hands in the next checkpoint only when the last
   * one is done with; so those of a quick graph share a transaction instead of each waiting for a commit. Whoever asks for it has to flush
   * the writer before an attempt counts as ended. Only with `onFailure`.
   */
  runsAhead?: boolean | undefined;
  /** The newest root checkpoint of a thread, if the caller knows it: it is not asked for then. */
  newestRoot?: ((threadId: string) => CheckpointRow | undefined) | undefined;
  /** Called after the commit of each root checkpoint that a node of the graph led to: neither an input nor its distribution. */
  onProgress?: (() => void) | undefined;
  /** Adds the recorded run and attempt to the metadata that are read; not for executing: see the module `execute`. */
  exposeRun?: boolean | undefined;
}

export class FencedSaver extends PostgresSaver {
  private readonly settings: FencedSaverOptions;
  private pinnedRoot: string | null | undefined;
  /** What the newest root checkpoint that was read or written stands for. */
  private rootSource: string | undefined;
  /** What this attempt itself knows of where its thread is. */
  readonly newestRoot = new NewestRoot();

  constructor(settings: FencedSaverOptions) {
    super(settings.pool, undefined, { schema: LANGGRAPH_SCHEMA });
    this.settings = settings;
    this.serde = strict(this.serde);
    this.pinnedRoot = settings.pinnedRoot;
  }

  // The base class calls for integers; strings are as good, but its signature does not say so.
  override getNextVersion(current: number | undefined): number {
    return nextChannelVersion(current) as unknown as number;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    // What this attempt has written is read by it, committed or not yet.
    await this.settings.writer?.flush();
    const { thread_id, checkpoint_ns = '', checkpoint_id } = addressOf(config);
    const id = checkpoint_id || (checkpoint_ns === '' ? this.pinnedRoot : undefined);
    if (id === null) return undefined;
    const known =
      checkpoint_ns === '' && id === undefined ? this.settings.newestRoot?.(thread_id) : undefined;
    if (known) return this.load(known);
    const [row] = await this.select(
      id
        ? 'WHERE cp.thread_id = $1 AND cp.checkpoint_ns = $2 AND cp.checkpoint_id = $3'
        : 'WHERE cp.thread_id = $1 AND cp.checkpoint_ns = $2 ORDER BY cp.commit_seq DESC LIMIT 1',
      id ? [thread_id, checkpoint_ns, id] : [thread_id, checkpoint_ns],
      id ? 'select-checkpoint' : 'select-newest-checkpoint',
    );
    const tuple = row === undefined ? undefined : await this.load(row);
    if (checkpoint_ns === '') {
      this.rootSource = tuple?.metadata?.source;
      if (row) this.newestRoot.wasRead(row);
    }
    return tuple;
  }

  /** Newest first, by commit; `before` is a checkpoint of any namespace of the thread. */
  override async *list(
    config: RunnableConfig,
    options: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    await this.settings.writer?.flush();
    const { thread_id, checkpoint_ns, checkpoint_id } = addressOf(config);
    const values: unknown[] = [thread_id];
    const conditions = ['cp.thread_id = $1'];
    const add = (condition: (placeholder: string) => string, value: unknown): void => {
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    if (checkpoint_ns !== undefined && checkpoint_ns !== null)
      add((p) => `cp.checkpoint_ns = ${p}`, checkpoint_ns);
    if (checkpoint_id) add((p) => `cp.checkpoint_id = ${p}`, checkpoint_id);
    if (options.filter && Object.keys(options.filter).length > 0) {
      // The run is a column, but clients look for it in the metadata.
      const { run_id, ...filter } = options.filter;
      if (run_id !== undefined) add((p) => `cp.run_id::text = ${p}`, run_id);
      if (Object.keys(filter).length > 0) add((p) => `cp.metadata @> ${p}`, JSON.stringify(filter));
    }
    const before: unknown = options.before?.configurable?.checkpoint_id;
    if (before) {
      const table = `"${LANGGRAPH_SCHEMA}".checkpoints`;
      add(
        (p) =>
          `cp.commit_seq < (SELECT max(commit_seq) FROM ${table} WHERE thread_id = $1 AND checkpoint_id = ${p})`,
        before,
      );
    }
    const limit = options.limit === undefined ? '' : ` LIMIT ${Number(options.limit)}`;
    const where = `WHERE ${conditions.join(' AND ')} ORDER BY cp.commit_seq DESC${limit}`;
    for (const row of await this.select(where, values)) yield await this.load(row);
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { thread_id, checkpoint_ns = '', checkpoint_id } = addressOf(config);
    const prepare = async (): Promise<CheckpointWrites> => {
      const address = { thread_id, checkpoint_ns };
      const dumped = await this._dumpBlobs(thread_id, checkpoint_ns, checkpoint.channel_values, newVersions);
      const blobs = dumped.map(([, , channel, version, type, bytes]) => {
        return { ...address, channel, version, type, bytes };
      });
      const written = {
        ...address,
        checkpoint_id: checkpoint.id,
        parent_checkpoint_id: checkpoint_id ?? null,
        checkpoint: storableJson(this._dumpCheckpoint(checkpoint)),
        metadata: storableJson(checkpointMetadata(config, metadata)),
      };
      if (checkpoint_ns === '') this.newestRoot.isWritten(written, blobs);
      return { blobs, checkpoint: written };
    };
    await this.submit(checkpoint_ns, prepare, () => {
      if (checkpoint_ns === '') this.onRootCommitted(metadata.source);
    });
    return { configurable: { thread_id, checkpoint_ns, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    if (writes.length === 0) return;
    const { thread_id, checkpoint_ns = '', checkpoint_id } = addressOf(config);
    if (checkpoint_ns === '') this.newestRoot.isAddedTo(checkpoint_id);
    await this.submit(checkpoint_ns, async () => {
      const pairs = writes as [string, unknown][];
      const rows = await this._dumpWrites(thread_id, checkpoint_ns, checkpoint_id, taskId, pairs);
      return {
        taskWrites: rows.map(([, , , task_id, idx, channel, type, bytes]) => ({
          thread_id,
          checkpoint_ns,
          checkpoint_id,
          task_id,
          idx,
          channel,
          type,
          bytes,
        })),
      };
    });
  }

  override async deleteThread(threadId: string): Promise<void> {
    const { deleteThreadCheckpoints } = await import('./delete-checkpoints.js');
    await deleteThreadCheckpoints(this.settings.pool, threadId);
  }

  /** The pool belongs to the caller. */
  override async end(): Promise<void> {}

  /**
   * Hands rows to the writer, in order. Resolves when they are committed, or earlier: see {@link FencedSaverOptions.runsAhead}. A failure
   * is told, or thrown to who wants it.
   */
  private async submit(
    checkpointNs: string,
    prepare: () => Promise<CheckpointWrites>,
    onCommitted: () => void = () => undefined,
  ): Promise<void> {
    const { onFailure, runsAhead } = this.settings;
    try {
      const writes = await prepare();
      const writer = this.writer();
      const written = writer.write(writes).then(onCommitted);
      // A subgraph may have been called with a durability of its own.
      const mayRunAhead = runsAhead && checkpointNs === '' && writer.backlog < RUN_AHEAD_WRITES;
      if (onFailure && mayRunAhead) written.catch(onFailure);
      else await written;
    } catch (error) {
      if (onFailure === undefined) throw error;
      onFailure(error);
    }
  }

  private onRootCommitted(source: CheckpointMetadata['source']): void {
    this.unpin();
    // The step that follows an input only hands it to the nodes.
    const isProgress = source === 'loop' && this.rootSource !== 'input';
    this.rootSource = source;
    if (isProgress) this.settings.onProgress?.();
  }

  private writer(): AttemptWriter {
    if (this.settings.writer === undefined) throw new Error('This checkpointer only reads.');
    return this.settings.writer;
  }

  /** @param name of a condition that is asked for again and again: planning this statement costs more than executing it */
  private async select(where: string, values: unknown[], name?: string): Promise<CheckpointRow[]> {
    return this.query<CheckpointRow>(`${SELECT_CHECKPOINT} ${where}`, values, name);
  }

  private async query<Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[],
    name?: string,
  ): Promise<Row[]> {
    const { pool, signal } = this.settings;
    return (await retryWhilePostgresIsAway(() => pool.query<Row>({ name, text, values }), signal)).rows;
  }

  private async load(row: CheckpointRow): Promise<CheckpointTuple> {
    if (row.checkpoint.v < 4 && row.parent_checkpoint_id !== null) {
      const parents = [row.thread_id, [row.parent_checkpoint_id]];
      const [sends] = await this.query<{ pending_sends: [Uint8Array, Uint8Array][] }>(
        SELECT_PENDING_SENDS,
        parents,
      );
      const pending = sends?.pending_sends;
      row.channel_values ??= [];
      if (pending !== undefined)
        await this._migratePendingSends(pending, row as Parameters<this['_migratePendingSends']>[1]);
    }
    const tuple = await loadCheckpointRow(row, this.serde, await this.hidesWrite(row));
    tuple.checkpoint = await this._loadCheckpoint(tuple.checkpoint, row.channel_values ?? []);
    if (this.settings.exposeRun && row.run_id !== null) {
      tuple.metadata = { ...tuple.metadata, run_id: row.run_id } as CheckpointMetadata;
    }
    return tuple;
  }

  /**
   * A command stays on its checkpoint under the null task. Its answer, left there for any task to take, answers the
   * next question too, which nobody has answered: it is shown only to the run that gave it, until a task has it. The
   * rest of it gives way to a command of the reading run.
   */
  private async hidesWrite(row: CheckpointRow): Promise<(write: PendingWriteRow) => boolean> {
    const { author } = this.settings;
    const ofCommand = (row.pending_writes ?? []).filter((write) => write.task_id === NULL_TASK_ID);
    if (ofCommand.length === 0) return () => false;
    const isOwn = (write: PendingWriteRow): boolean => author !== null && write.run_id === author.runId;
    const isAnswer = (write: PendingWriteRow): boolean => write.channel === RESUME_CHANNEL;
    const hasOwn = ofCommand.some(isOwn);
    let taken = false;
    if (author !== null && ofCommand.some((write) => isOwn(write) && isAnswer(write))) {
      const [answer] = await this.query<{ taken: boolean }>(SELECT_ANSWER_TAKEN, [
        row.thread_id,
        author.runId,
      ]);
      taken = answer?.taken ?? false;
    }
    return (write) =>
      write.task_id === NULL_TASK_ID && (isOwn(write) ? taken && isAnswer(write) : hasOwn || isAnswer(write));
  }

  /** From now on the newest checkpoint is the one that was committed last. */
  unpin(): void {
    this.pinnedRoot = undefined;
  }
}

/** Which checkpoint a config names. LangGraph types `configurable` as anything. */
function addressOf(config: RunnableConfig): {
  thread_id: string;
  checkpoint_ns?: string;
  checkpoint_id: string;
} {
  return (config.configurable ?? {}) as { thread_id: string; checkpoint_ns?: string; checkpoint_id: string };
}
