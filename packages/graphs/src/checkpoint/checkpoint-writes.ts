/**
 * What LangGraph wants written, as rows, and how rows of several calls become the parameters of one statement.
 */
import { NULL_TASK_ID } from './checkpoint-sql.js';

/** Where a row belongs: a thread and a graph in it. */
interface CheckpointAddress {
  readonly thread_id: string;
  readonly checkpoint_ns: string;
}

/** A value as it is stored. */
interface StoredValue {
  readonly type: string;
  /** Undefined: a channel without a value. */
  readonly bytes: Uint8Array | undefined;
}

/** A value of a channel; of the same version it is always the same. */
export interface BlobRow extends CheckpointAddress, StoredValue {
  readonly channel: string;
  readonly version: string;
}

/** What a task has said: a result, a question, an answer, an error. */
export interface TaskWriteRow extends CheckpointAddress, StoredValue {
  readonly checkpoint_id: string;
  readonly task_id: string;
  readonly idx: number;
  readonly channel: string;
}

export interface WrittenCheckpoint extends CheckpointAddress {
  readonly checkpoint_id: string;
  readonly parent_checkpoint_id: string | null;
  /** JSON, as is the metadata. */
  readonly checkpoint: string;
  readonly metadata: string;
}

/** What one call of LangGraph writes, all or nothing. */
export interface CheckpointWrites {
  readonly blobs?: readonly BlobRow[];
  readonly taskWrites?: readonly TaskWriteRow[];
  readonly checkpoint?: WrittenCheckpoint;
}

/** $3 and $4 of `writeCheckpoints`. */
export type WriteParameters = readonly [rows: string, bytes: Buffer];

/** Bytes of values in one statement, which a single call may exceed: a message to Postgres ends at 1 GB, and is copied to be sent. */
const STATEMENT_BYTES = 8 * 1024 * 1024;

/**
 * Puts calls together for as few statements as possible, in their order. A statement cannot upsert a row twice: a call that writes a row again
 * begins the next one, as does one whose values are too many.
 */
export function statementsOf(calls: readonly CheckpointWrites[]): WriteParameters[] {
  const groups: CheckpointWrites[][] = [];
  let upserted = new Set<string>();
  let size = 0;
  for (const call of calls) {
    const keys = upsertedRows(call);
    const bytes = bytesOf(call);
    const group = groups.at(-1);
    if (group && size + bytes <= STATEMENT_BYTES && !keys.some((key) => upserted.has(key))) group.push(call);
    else {
      groups.push([call]);
      upserted = new Set();
      size = 0;
    }
    size += bytes;
    for (const key of keys) upserted.add(key);
  }
  return groups.map(parametersOf);
}

/** Questions, answers and errors replace earlier ones, as does a command; the first result of a task stands. */
function isReplacement({ idx, task_id }: TaskWriteRow): boolean {
  return idx < 0 || task_id === NULL_TASK_ID;
}

function upsertedRows({ taskWrites = [], checkpoint }: CheckpointWrites): string[] {
  const keys = taskWrites.filter(isReplacement).map(taskWriteKey);
  return checkpoint ? [...keys, keyOf(checkpoint, checkpoint.checkpoint_id)] : keys;
}

function bytesOf({ blobs = [], taskWrites = [] }: CheckpointWrites): number {
  return [...blobs, ...taskWrites].reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
}

function taskWriteKey(row: TaskWriteRow): string {
  return keyOf(row, row.checkpoint_id, row.task_id, String(row.idx));
}

function keyOf({ thread_id, checkpoint_ns }: CheckpointAddress, ...rest: string[]): string {
  return [thread_id, checkpoint_ns, ...rest].join('\n');
}

function parametersOf(calls: readonly CheckpointWrites[]): WriteParameters {
  const parts: Uint8Array[] = [];
  let size = 0;
  /** The row, with the place of its value among the bytes: `substring` counts from 1. */
  const placed = ({ bytes, ...row }: BlobRow | TaskWriteRow): object => {
    if (bytes === undefined) return row;
    const at = size + 1;
    parts.push(bytes);
    size += bytes.length;
    return { ...row, at, size: bytes.length };
  };
  const taskWrites = calls.flatMap((call) => onceEach(call.taskWrites ?? []));
  const rows = [
    ...jsonRows(
      'blobs',
      calls.flatMap((call) => call.blobs ?? []).map((row) => JSON.stringify(placed(row))),
    ),
    ...jsonRows(
      'results',
      taskWrites.filter((row) => !isReplacement(row)).map((row) => JSON.stringify(placed(row))),
    ),
    ...jsonRows(
      'replacements',
      taskWrites.filter(isReplacement).map((row) => JSON.stringify(placed(row))),
    ),
    ...jsonRows('checkpoints', calls.flatMap((call) => call.checkpoint ?? []).map(checkpointJson)),
  ];
  return [`{${rows.join(',')}}`, Buffer.concat(parts)];
}

/** Of several writes of one call to one special channel the last stands. */
function onceEach(rows: readonly TaskWriteRow[]): TaskWriteRow[] {
  return [...new Map(rows.map((row) => [row.idx, row])).values()];
}

function jsonRows(name: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : [`"${name}":[${rows.join(',')}]`];
}

/** Its two documents are JSON already. */
function checkpointJson({ checkpoint, metadata, ...row }: WrittenCheckpoint, place: number): string {
  const head = JSON.stringify({ place, ...row }).slice(0, -1);
  return `${head},"checkpoint":${checkpoint},"metadata":${metadata}}`;
}
