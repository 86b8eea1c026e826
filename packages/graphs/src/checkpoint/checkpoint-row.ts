/**
 * A row of the checkpoint query as LangGraph's `CheckpointTuple`, but for the channel values. Changes with the query.
 */
import type {
  Checkpoint,
  CheckpointMetadata,
  CheckpointPendingWrite,
  CheckpointTuple,
  SerializerProtocol,
} from '@langchain/langgraph-checkpoint';
import { convertVersions } from './channel-version.js';

type LoadedCheckpoint = Omit<Checkpoint, 'channel_values'>;

export interface PendingWriteRow {
  task_id: string;
  channel: string;
  type: string;
  /** Base64. */
  blob: string;
  run_id: string | null;
}

export interface CheckpointRow {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_checkpoint_id: string | null;
  checkpoint: LoadedCheckpoint;
  metadata: CheckpointMetadata;
  run_id: string | null;
  channel_values: [Uint8Array, Uint8Array, Uint8Array][] | null;
  pending_writes: PendingWriteRow[] | null;
}

/** Decodes a row; integer versions become strings, and writes for which `isHidden` holds are left out. */
export async function loadCheckpointRow(
  row: CheckpointRow,
  serde: SerializerProtocol,
  isHidden: (write: PendingWriteRow) => boolean,
): Promise<CheckpointTuple> {
  const { thread_id, checkpoint_ns } = row;
  const configOf = (checkpoint_id: string) => ({ configurable: { thread_id, checkpoint_ns, checkpoint_id } });
  const visible = (row.pending_writes ?? []).filter((write) => !isHidden(write));
  const pendingWrites = await Promise.all(
    visible.map(async ({ task_id, channel, type, blob }): Promise<CheckpointPendingWrite> => {
      return [task_id, channel, await serde.loadsTyped(type, Buffer.from(blob, 'base64'))];
    }),
  );
  const seen = Object.entries(row.checkpoint.versions_seen ?? {});
  return {
    config: configOf(row.checkpoint_id),
    checkpoint: {
      ...row.checkpoint,
      channel_versions: convertVersions(row.checkpoint.channel_versions ?? {}),
      versions_seen: Object.fromEntries(seen.map(([node, versions]) => [node, convertVersions(versions)])),
    } as Checkpoint,
    metadata: row.metadata,
    ...(row.parent_checkpoint_id === null ? {} : { parentConfig: configOf(row.parent_checkpoint_id) }),
    pendingWrites,
  };
}
