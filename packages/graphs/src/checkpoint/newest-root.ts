/**
 * The newest root checkpoint of an attempt's thread, put together from what the attempt has read and written itself: what rests when the graph
 * is through need not be asked of Postgres. Holds the bytes of the state, not its values, so that it reads as from there.
 */
import { convertVersions } from './channel-version.js';
import type { CheckpointRow } from './checkpoint-row.js';
import type { BlobRow, WrittenCheckpoint } from './checkpoint-writes.js';

interface VersionedValue {
  readonly version: string;
  readonly value: [channel: Uint8Array, type: Uint8Array, bytes: Uint8Array];
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

export class NewestRoot {
  readonly #values = new Map<string, VersionedValue>();
  #written: WrittenCheckpoint | undefined;
  /** Checkpoints beside which tasks have said something. That may be heard before the checkpoint itself is made ready to be written. */
  readonly #addedTo = new Set<string>();

  /** A root checkpoint that was read: its values may be those of the next one. */
  wasRead({ checkpoint, channel_values }: CheckpointRow): void {
    const versions = convertVersions(checkpoint.channel_versions);
    for (const value of channel_values ?? []) {
      const channel = Buffer.from(value[0]).toString();
      const version = versions[channel];
      if (version !== undefined) this.#values.set(channel, { version: String(version), value });
    }
  }

  /** A root checkpoint is being written, the newest from now on. */
  isWritten(checkpoint: WrittenCheckpoint, blobs: readonly BlobRow[]): void {
    this.#written = checkpoint;
    for (const { channel, version, type, bytes } of blobs) {
      const value: VersionedValue['value'] = [bytesOf(channel), bytesOf(type), bytes ?? new Uint8Array()];
      this.#values.set(channel, { version, value });
    }
  }

  /** Tasks of a root checkpoint have said something beside it. Of the newest this means that it has to be read. */
  isAddedTo(checkpointId: string): void {
    this.#addedTo.add(checkpointId);
  }

  /**
   * The row as a query would give it; undefined when that is not known here.
   *
   * @param runId of the attempt
   */
  row(threadId: string, runId: string): CheckpointRow | undefined {
    if (this.#written?.thread_id !== threadId || this.#addedTo.has(this.#written.checkpoint_id))
      return undefined;
    const checkpoint = JSON.parse(this.#written.checkpoint) as CheckpointRow['checkpoint'];
    const metadata = JSON.parse(this.#written.metadata) as CheckpointRow['metadata'];
    const channel_values: VersionedValue['value'][] = [];
    for (const [channel, version] of Object.entries(checkpoint.channel_versions)) {
      const known = this.#values.get(channel);
      if (known?.version !== String(version)) return undefined;
      channel_values.push(known.value);
    }
    return { ...this.#written, checkpoint, metadata, run_id: runId, channel_values, pending_writes: null };
  }
}
